#include "troupe/cli/bench/measure/quantity.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace std::chrono_literals;
using namespace troupe::load;

using levels = std::vector<double>;

TEST(duration, is_read_with_its_unit) {
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("5ms"), 5ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("2"), 2s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(duration, is_refused_with_an_example) {
  for (const auto* text : {"", "x", "-1s", "5 ms", "1d", "1s2", "1e99", "nan"})
    try {
      parse_duration(text);
      FAIL() << text;
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string{e.what()}.find("such as 250us"), std::string::npos);
    }
}

TEST(duration, is_shown_in_the_unit_that_fits) {
  EXPECT_EQ(duration_text(87us), "87.0 us");
  EXPECT_EQ(duration_text(4210us), "4.21 ms");
  EXPECT_EQ(duration_text(123ms), "123 ms");
  EXPECT_EQ(duration_text(1500ms), "1.50 s");
}

TEST(levels, are_one_number_or_several) {
  EXPECT_EQ(parse_levels("8"), (levels{8}));
  EXPECT_EQ(parse_levels("1,8,64"), (levels{1, 8, 64}));
  EXPECT_EQ(parse_levels("0.5"), (levels{0.5}));
}

TEST(levels, double_in_a_range_and_end_where_it_ends) {
  EXPECT_EQ(parse_levels("1:256"), (levels{1, 2, 4, 8, 16, 32, 64, 128, 256}));
  EXPECT_EQ(parse_levels("1:10"), (levels{1, 2, 4, 8, 10}));
  EXPECT_EQ(parse_levels("4:4"), (levels{4}));
}

TEST(levels, go_by_steps) {
  EXPECT_EQ(parse_levels("100:300:100"), (levels{100, 200, 300}));
  EXPECT_EQ(parse_levels("100:350:100"), (levels{100, 200, 300}));
}

TEST(levels, are_refused_with_an_example) {
  for (const auto* text :
       {"", "0", "-1", "1,,2", "1:", "8:1", "1:2:3:4", "a", "1:1000000:1"})
    EXPECT_THROW(parse_levels(text), std::invalid_argument) << text;
}

TEST(latency_bound, is_a_percentile_and_a_limit) {
  auto x = latency_bound::parse("p99.9<10ms");
  EXPECT_EQ(x.percentile, 99.9);
  EXPECT_EQ(x.limit, 10ms);
  EXPECT_EQ(x.text(), "p99.9 < 10.0 ms");
}

TEST(latency_bound, is_refused_with_an_example) {
  for (const auto* text : {"", "p99", "99<1ms", "p0<1ms", "p101<1ms", "p99<0",
                           "p99<x", "p99<=1ms"})
    EXPECT_THROW(latency_bound::parse(text), std::invalid_argument) << text;
}
