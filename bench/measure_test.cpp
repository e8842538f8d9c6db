#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/measure.hpp"
#include "troupe/bench/support/troupe_server.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace {

using namespace troupe::bench;
using std::chrono::milliseconds;

const call square{"/predict", "{\"input\": 4.0}"};
const call absent{"/nothing/here", "{}"};
const call refused{"/predict", "{\"input\": \"four\"}"};

class measuring : public testing::Test {
protected:
  child server{[] { run_workload_server(); }};
};

TEST_F(measuring, counts_answers_and_the_cpu_time_of_the_server) {
  auto seen = measure(server, square, pressure::closed(2), milliseconds{50});
  EXPECT_GT(seen.answers, 0U);
  EXPECT_GT(seen.rate(), 0);
  EXPECT_GT(seen.cpu_us_per_answer(), 0);
  EXPECT_GT(seen.percentile_us(50), 0);
}

TEST_F(measuring, throws_on_other_answers_than_200) {
  for (const auto& what : {absent, refused}) {
    EXPECT_THROW(measure(server, what, pressure::closed(2), milliseconds{50}),
                 std::runtime_error);
    EXPECT_THROW(closed_loop(server.port, post_request(what.path, what.body), 2,
                             milliseconds{50}),
                 std::runtime_error);
    traffic other{server, what, pressure::closed(2)};
    // Until the first answer is there.
    EXPECT_THROW(static_cast<void>(other.seen()), std::runtime_error);
  }
}

TEST_F(measuring, goes_on_until_something_was_answered) {
  // Longer than the turn.
  const call slow{"/sleep", "{\"base_ms\": 60}"};
  auto seen = measure(server, slow, pressure::closed(1), milliseconds{10});
  EXPECT_GT(seen.answers, 0U);
}

TEST_F(measuring, counts_late_requests_of_an_open_loop) {
  // Four times what the one worker can do, with one connection.
  const call slow{"/sleep", "{\"base_ms\": 10}"};
  auto seen = measure(server, slow, {400, 1}, milliseconds{50});
  EXPECT_GT(seen.late_share(), loader_state::most_late);
  series all;
  all.add(1, seen.loader());
  EXPECT_EQ(all.loader->late, seen.late_share());
}

TEST_F(measuring, waits_for_the_answers_of_a_closed_loop) {
  auto seen = closed_loop(server.port, post_request(square.path, square.body),
                          8, milliseconds{50});
  EXPECT_EQ(seen.drained, 8U);
  EXPECT_EQ(seen.latencies_us.size(), seen.answers);
  auto twice = seen;
  twice.merge(seen);
  EXPECT_EQ(twice.answers, 2 * seen.answers);
  EXPECT_EQ(twice.percentile(100), seen.percentile(100));
  EXPECT_DOUBLE_EQ(twice.rate(), seen.rate());
}

TEST(turns, each_is_first_in_its_turn) {
  std::vector<int> order;
  auto job = [&](int i) {
    return [&order, i] {
      order.push_back(i);
      measured result;
      result.answers = 1;
      result.seconds = 1;
      return result;
    };
  };
  auto seen = in_turns({job(0), job(1), job(2)}, 3);
  EXPECT_EQ(order, (std::vector{0, 1, 2, 1, 2, 0, 2, 0, 1}));
  ASSERT_EQ(seen.size(), 3U);
  for (const auto& x : seen)
    EXPECT_EQ(x.answers, 3U);
}

} // namespace
