#include "troupe/specs/observe/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

TEST(histogram_test, bounds_ascend) {
  EXPECT_TRUE(std::is_sorted(time_bounds.begin(), time_bounds.end()));
  EXPECT_TRUE(std::is_sorted(size_bounds.begin(), size_bounds.end()));
}

TEST(histogram_test, a_value_at_a_bound_is_within_it) {
  histogram_part<size_bounds> x;
  x.add(std::uint64_t{1}, true);
  x.add(std::uint64_t{2}, true);
  x.add(std::uint64_t{3}, false);
  x.add(std::uint64_t{1'000}, true);
  histogram_counts<size_bounds.size()> sum;
  x.merge_into(sum);
  EXPECT_EQ(sum.buckets[0], 1U);
  EXPECT_EQ(sum.buckets[1], 1U);
  EXPECT_EQ(sum.buckets[2], 1U);
  EXPECT_EQ(sum.buckets.back(), 1U);
  EXPECT_EQ(sum.sum, 1'006U);
  EXPECT_EQ(sum.count(), 4U);
}

TEST(histogram_test, a_time_that_runs_backwards_is_none) {
  histogram_part<time_bounds> x;
  x.add(std::chrono::steady_clock::duration{-5}, true);
  x.add(2ms, true);
  histogram_counts<time_bounds.size()> sum;
  x.merge_into(sum);
  EXPECT_EQ(sum.buckets[0], 1U);
  EXPECT_EQ(sum.buckets[2], 1U);
  EXPECT_EQ(sum.sum, 2'000'000U);
}

TEST(histogram_test, parts_add_up) {
  histogram_part<size_bounds> a;
  histogram_part<size_bounds> b;
  a.add(std::uint64_t{4}, true);
  b.add(std::uint64_t{4}, true);
  histogram_counts<size_bounds.size()> sum;
  a.merge_into(sum);
  b.merge_into(sum);
  EXPECT_EQ(sum.buckets[2], 2U);
}

} // namespace
