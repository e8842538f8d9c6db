#include "troupe/actors/supervision/report/report_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

struct report_care_test : supervisor_fixture {
  supervision_report_ptr report() {
    return query<supervision_report_ptr>(tested, atom::describe_v);
  }

  static model_options some_workers(std::size_t workers) {
    model_options result;
    result.workers = workers;
    result.restart.initial_backoff = 100ms;
    result.restart.max_backoff = 100ms;
    return result;
  }
};

} // namespace

TEST_F(report_care_test, tells_of_queues_and_workers) {
  EXPECT_TRUE(report()->children.empty());
  auto x = serve("m", some_workers(2));
  advance(3s);
  auto got = report();
  ASSERT_EQ(got->children.size(), 1u);
  const auto& child = got->children[0];
  EXPECT_EQ(child.owner, "m");
  EXPECT_EQ(child.kind, served_kind::model);
  EXPECT_FALSE(child.retires);
  EXPECT_EQ(child.queues, std::vector<std::uint64_t>{x.pool.id()});
  ASSERT_EQ(child.workers.size(), 2u);
  for (std::uint32_t i = 0; i < 2; ++i) {
    EXPECT_EQ(child.workers[i].index, i);
    EXPECT_NE(child.workers[i].id, 0u);
    EXPECT_EQ(child.workers[i].phase, worker_phase::idle);
    EXPECT_EQ(child.workers[i].restarts, 0u);
    EXPECT_EQ(child.workers[i].age, 3s);
    EXPECT_EQ(child.workers[i].last_error, "");
  }
}

TEST_F(report_care_test, tells_how_a_worker_ended_and_that_another_comes) {
  auto x = serve("m", some_workers(1));
  die_once(x.script);
  submit(x);
  auto dead = report()->children[0].workers[0];
  EXPECT_EQ(dead.phase, worker_phase::waits);
  EXPECT_EQ(dead.id, 0u);
  EXPECT_EQ(dead.last_error, "device lost");
  EXPECT_FALSE(dead.age.has_value());
  advance(100ms);
  auto next = report()->children[0].workers[0];
  EXPECT_EQ(next.phase, worker_phase::idle);
  EXPECT_EQ(next.restarts, 1u);
  EXPECT_EQ(next.last_error, "device lost");
  EXPECT_EQ(next.error_age, 100ms);
  auto errors = x.state->errors().list();
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors.back().text, "worker 0 ended: device lost");
}

TEST_F(report_care_test, remembers_what_a_worker_logs_as_an_error) {
  std::vector<std::string> logged;
  supervisor_state::child c;
  auto order = std::make_shared<serve_order>();
  order->state = std::make_shared<model_state>("m", true, 1);
  c.config = order;
  auto log = log_of_worker(
    [&](log_level, std::string_view text) { logged.emplace_back(text); }, c);
  log(log_level::info, "fine");
  log(log_level::error, "not fine");
  EXPECT_EQ(logged, (std::vector<std::string>{"fine", "not fine"}));
  auto errors = order->state->errors().list();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].text, "not fine");
}
