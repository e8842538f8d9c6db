#include "troupe/cli/bench/measure/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace std::chrono_literals;
using troupe::load::histogram;

namespace {

/// The same percentile from all values.
histogram::duration exact(std::vector<std::int64_t> values, double percent) {
  std::sort(values.begin(), values.end());
  auto rank = static_cast<std::size_t>(
    std::ceil(percent / 100 * static_cast<double>(values.size()) - 1e-9));
  return histogram::duration{values[std::max<std::size_t>(rank, 1) - 1]};
}

} // namespace

TEST(histogram, is_empty_at_first) {
  histogram x;
  EXPECT_EQ(x.count(), 0U);
  EXPECT_EQ(x.percentile(50), 0ns);
  EXPECT_EQ(x.min(), 0ns);
  EXPECT_EQ(x.max(), 0ns);
  EXPECT_EQ(x.mean(), 0ns);
  EXPECT_EQ(x.share_within(0ns), 1);
  EXPECT_TRUE(x.buckets().empty());
}

TEST(histogram, keeps_small_values_exactly) {
  histogram x;
  for (auto i = 1; i <= 2000; ++i)
    x.record(histogram::duration{i});
  EXPECT_EQ(x.percentile(50), 1000ns);
  EXPECT_EQ(x.percentile(99.9), 1998ns);
  EXPECT_EQ(x.percentile(100), 2000ns);
  EXPECT_EQ(x.percentile(0), 1ns);
}

TEST(histogram, is_within_a_thousandth_of_the_exact_percentile) {
  std::mt19937_64 random{7};
  // Nine decades.
  std::uniform_real_distribution<double> exponent{1, 10};
  histogram x;
  std::vector<std::int64_t> values;
  for (auto i = 0; i < 20000; ++i) {
    auto value = static_cast<std::int64_t>(std::pow(10, exponent(random)));
    values.push_back(value);
    x.record(histogram::duration{value});
  }
  for (auto p : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    auto wanted = static_cast<double>(exact(values, p).count());
    auto seen = static_cast<double>(x.percentile(p).count());
    EXPECT_GE(seen, wanted) << p;
    EXPECT_LE(seen, wanted * (1 + 1.0 / 1024)) << p;
  }
}

TEST(histogram, tells_extremes_mean_and_deviation_of_the_exact_values) {
  histogram x;
  x.record(1000003ns);
  x.record(3000001ns);
  EXPECT_EQ(x.min(), 1000003ns);
  EXPECT_EQ(x.max(), 3000001ns);
  EXPECT_EQ(x.mean(), 2000002ns);
  EXPECT_EQ(x.standard_deviation(), 999999ns);
  EXPECT_EQ(x.percentile(100), 3000001ns);
}

TEST(histogram, merges_without_loss) {
  std::mt19937_64 random{3};
  histogram a;
  histogram b;
  histogram all;
  for (auto i = 0; i < 1000; ++i) {
    auto value = histogram::duration{random() % 1'000'000'000};
    (i % 3 == 0 ? a : b).record(value);
    all.record(value);
  }
  a.merge(b);
  EXPECT_EQ(a.count(), all.count());
  EXPECT_EQ(a.mean(), all.mean());
  EXPECT_EQ(a.max(), all.max());
  for (auto p : {5.0, 50.0, 99.0})
    EXPECT_EQ(a.percentile(p), all.percentile(p));
}

TEST(histogram, takes_what_is_out_of_range_as_the_nearest_end) {
  histogram x;
  x.record(-5ns);
  EXPECT_EQ(x.max(), 0ns);
  x.record(std::chrono::hours{100});
  EXPECT_EQ(x.max(), histogram::longest);
  EXPECT_EQ(x.percentile(100), histogram::longest);
}

TEST(histogram, records_a_value_many_times_at_once) {
  histogram x;
  x.record(5ns, 99);
  x.record(7ns);
  x.record(9ns, 0);
  EXPECT_EQ(x.count(), 100U);
  EXPECT_EQ(x.percentile(99), 5ns);
  EXPECT_EQ(x.max(), 7ns);
}

TEST(histogram, tells_the_share_within_a_limit) {
  histogram x;
  for (auto i = 1; i <= 100; ++i)
    x.record(std::chrono::milliseconds{i});
  EXPECT_NEAR(x.share_within(50ms), 0.5, 0.011);
  EXPECT_EQ(x.share_within(100ms), 1);
  EXPECT_EQ(x.share_within(-1ns), 0);
}

TEST(histogram, lists_its_buckets_in_rising_order) {
  histogram x;
  x.record(1s);
  x.record(3ns, 2);
  x.record(1ms);
  auto all = x.buckets();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].highest, 3ns);
  EXPECT_EQ(all[0].count, 2U);
  EXPECT_LT(all[1].highest, all[2].highest);
  EXPECT_EQ(all[2].highest, 1s);
}
