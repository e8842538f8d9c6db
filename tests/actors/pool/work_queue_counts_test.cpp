// What a queue counts and shows of itself; work_queue_test.cpp has the rest.
#include "troupe/actors/pool/work_queue.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <memory>
#include <string>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class work_queue_counts_test : public deterministic_system {
protected:
  void TearDown() override {
    tested.reset();
    deterministic_system::TearDown();
  }

  void start(work_queue::options options) {
    options.series = &series;
    work_queue::owner owner;
    owner.now = [this] { return time; };
    owner.send_one = [](const worker_actor&, const exchange_ptr&) {};
    owner.send_batch = [](const worker_actor&, const batch_ptr&) {};
    owner.tick_later = [](deadline_clock::duration, batch_number) {};
    tested.emplace(std::move(options), std::move(owner));
  }

  worker_actor join(std::uint32_t index) {
    auto result =
      own(sys.spawn(holding_worker, std::make_shared<worker_notes>()));
    tested->join({{index}, result, 1});
    return result;
  }

  std::shared_ptr<recording_exchange> put(std::string id) {
    auto result = ask("{}", std::move(id));
    tested->put(result);
    return result;
  }

  model_series series{"m"};
  std::optional<work_queue> tested;
  deadline_clock::time_point time = now();
};

} // namespace

TEST_F(work_queue_counts_test, shows_how_many_wait_and_run) {
  start({});
  join(0);
  auto a = put("a");
  auto b = put("b");
  EXPECT_EQ(series.counts().running, 1U);
  EXPECT_EQ(series.counts().queued, 1U);
  a->finish();
  tested->idle({0});
  EXPECT_EQ(series.counts().running, 1U);
  EXPECT_EQ(series.counts().queued, 0U);
  b->finish();
  tested->idle({0});
  EXPECT_EQ(series.counts().running, 0U);
}

TEST_F(work_queue_counts_test, forgets_what_a_dead_worker_ran) {
  start({.idempotent = true});
  auto worker = join(0);
  auto a = put("a");
  EXPECT_EQ(a->facts.worker(), 0U);
  tested->died(worker.address());
  EXPECT_EQ(series.counts().running, 0U);
  EXPECT_EQ(series.counts().queued, 1U);
  EXPECT_EQ(a->facts.worker(), request_facts::no_worker);
}

TEST_F(work_queue_counts_test, counts_the_wait_and_the_batch) {
  start({.batch = {.max_size = 4}});
  auto a = put("a");
  auto b = put("b");
  time += 30ms;
  join(0);
  const auto counts = series.counts();
  EXPECT_EQ(counts.batch.count(), 1U);
  EXPECT_EQ(counts.batch.sum, 2U);
  EXPECT_EQ(counts.queue.count(), 2U);
  EXPECT_EQ(counts.queue.sum, 60'000'000U);
}
