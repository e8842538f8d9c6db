#include "troupe/cli/bench/measure/stability.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace troupe::load;

TEST(stability_rule, needs_three_windows_that_agree) {
  stability_rule rule;
  std::vector<window_summary> all{{100, 1ms}, {105, 1050us}};
  EXPECT_FALSE(rule.stable(all));
  all.push_back({110, 1100us});
  EXPECT_TRUE(rule.stable(all));
}

TEST(stability_rule, looks_at_rate_and_at_latency) {
  stability_rule rule;
  EXPECT_FALSE(rule.stable({{100, 1ms}, {100, 1ms}, {111, 1ms}}));
  EXPECT_FALSE(rule.stable({{100, 1ms}, {100, 1ms}, {100, 1200us}}));
}

TEST(stability_rule, forgets_the_windows_before_the_last_three) {
  stability_rule rule;
  EXPECT_TRUE(rule.stable({{1, 1s}, {100, 1ms}, {100, 1ms}, {100, 1ms}}));
  EXPECT_FALSE(rule.stable({{100, 1ms}, {100, 1ms}, {100, 1ms}, {1, 1s}}));
}

TEST(stability_rule, takes_nothing_for_no_stable_rate) {
  stability_rule rule;
  EXPECT_FALSE(rule.stable({{0, 0ms}, {0, 0ms}, {0, 0ms}}));
}
