#include "troupe/cli/bench/run.hpp"
#include "troupe/tests/cli/bench/scripted_server.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

using step = scripted_server::step;

/// Short windows on one connection.
run_options to(const scripted_server& server) {
  run_options result;
  result.engine.request.target = target::parse(server.url());
  result.warmup = 0ms;
  result.window = 10ms;
  return result;
}

/// What was planned was answered, each within 1 ms.
level_result answered(std::uint64_t count) {
  level_result result;
  result.seconds = 1;
  result.level.rate = static_cast<double>(count);
  result.stats.latency.record(1ms, count);
  result.stats.statuses[200] = count;
  result.stats.completed = count;
  return result;
}

bool holds(const level_result& level, const char* bound) {
  return troupe::load::holds(level, latency_bound::parse(bound));
}

} // namespace

TEST(holds, looks_at_the_percentile_of_the_bound) {
  auto level = answered(99);
  level.stats.latency.record(5ms);
  EXPECT_TRUE(holds(level, "p99<2ms"));
  EXPECT_FALSE(holds(level, "p99.9<2ms"));
  EXPECT_FALSE(holds(level, "p50<500us"));
}

TEST(holds, takes_each_error_as_above_the_limit) {
  auto level = answered(9999);
  level.stats.fail(failure::timeout);
  EXPECT_TRUE(holds(level, "p99.9<10ms"));
  EXPECT_TRUE(holds(level, "p99.99<10ms"));
  level.stats.fail(failure::timeout);
  EXPECT_FALSE(holds(level, "p99.99<10ms"));
  // However fast it was.
  level = answered(9998);
  level.stats.statuses[503] = 2;
  level.stats.error_latency.record(1us, 2);
  EXPECT_FALSE(holds(level, "p99.99<10ms"));
}

TEST(holds, allows_one_error_in_a_thousand_requests) {
  auto level = answered(999);
  level.stats.statuses[500] = 1;
  EXPECT_TRUE(holds(level, "p50<10ms"));
  level.stats.statuses[500] = 2;
  EXPECT_FALSE(holds(level, "p50<10ms"));
}

TEST(holds, allows_the_answers_to_be_a_little_behind_the_plan) {
  auto level = answered(1000);
  level.level.rate = 1052;
  EXPECT_TRUE(holds(level, "p99<10ms"));
  level.level.rate = 1054;
  EXPECT_FALSE(holds(level, "p99<10ms"));
  level = answered(10);
  level.level.rate = 30;
  EXPECT_TRUE(holds(level, "p99<10ms"));
  level.level.rate = 31;
  EXPECT_FALSE(holds(level, "p99<10ms"));
}

TEST(holds, needs_a_request) {
  EXPECT_FALSE(holds(level_result{}, "p99<10ms"));
}

TEST(run, measures_for_a_duration_in_windows_of_their_real_length) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = to(server);
  options.window = 20ms;
  options.duration = 50ms;
  auto x = run(options, {}).levels.at(0);
  EXPECT_EQ(x.windows.size(), 3U);
  EXPECT_EQ(x.measured, 3U);
  EXPECT_EQ(x.window, 50'000'000ns / 3);
  EXPECT_NEAR(x.seconds, 0.05, 1e-6);
  EXPECT_EQ(x.stable, std::nullopt);
}

TEST(run, judges_a_level_by_three_windows_or_not_at_all) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = to(server);
  options.max_windows = 2;
  EXPECT_EQ(run(options, {}).levels.at(0).stable, std::nullopt);
  options.max_windows = 1000;
  options.stability.tolerance = 1e9;
  auto x = run(options, {}).levels.at(0);
  EXPECT_EQ(x.stable, true);
  EXPECT_EQ(x.measured, 3U);
  options.max_windows = 3;
  options.stability.tolerance = -1;
  EXPECT_EQ(run(options, {}).levels.at(0).stable, false);
}

TEST(run, measures_a_level_after_the_other) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = to(server);
  options.levels = {1, 3};
  options.max_windows = 1;
  std::vector<std::size_t> seen;
  run_observer observer;
  observer.on_level = [&](const load_level& x) {
    seen.push_back(x.connections);
  };
  auto x = run(options, observer);
  EXPECT_EQ(seen, (std::vector<std::size_t>{1, 3}));
  ASSERT_EQ(x.levels.size(), 2U);
  EXPECT_EQ(x.levels[1].level.connections, 3U);
  EXPECT_GT(x.levels[1].rate(), 0);
  EXPECT_FALSE(x.interrupted);
}
