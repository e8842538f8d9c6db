#include "troupe/cli/bench/measure/rate_search.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

using troupe::load::rate_search;

namespace {

/// Runs the search for a server that keeps the bound up to `limit`.
int steps_to(rate_search& x, double limit) {
  auto steps = 0;
  for (auto rate = x.next(); rate && steps < 100; rate = x.next(), ++steps)
    x.report(*rate <= limit);
  return steps;
}

} // namespace

TEST(rate_search, finds_the_limit_to_within_five_percent) {
  for (auto limit : {11.0, 99.0, 1234.0, 99999.0}) {
    rate_search x{10, 1e6};
    EXPECT_LT(steps_to(x, limit), 25);
    ASSERT_TRUE(x.best());
    EXPECT_LE(*x.best(), limit);
    EXPECT_GE(*x.best(), limit / 1.06) << limit;
    EXPECT_FALSE(x.unbounded());
  }
}

TEST(rate_search, stops_at_once_when_the_lowest_breaks_the_bound) {
  rate_search x{10, 1000};
  EXPECT_EQ(steps_to(x, 5), 1);
  EXPECT_FALSE(x.best());
}

TEST(rate_search, ends_at_the_highest_rate_allowed) {
  rate_search x{10, 1000};
  steps_to(x, 1e9);
  EXPECT_EQ(x.best(), 1000);
  EXPECT_TRUE(x.unbounded());
}

TEST(rate_search, needs_a_range) {
  EXPECT_THROW((rate_search{0, 10}), std::invalid_argument);
  EXPECT_THROW((rate_search{10, 5}), std::invalid_argument);
}
