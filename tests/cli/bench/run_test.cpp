#include "troupe/cli/bench/run.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

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
