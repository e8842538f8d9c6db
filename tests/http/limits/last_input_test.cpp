#include "troupe/http/limits/last_input.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

TEST(last_input, owes_the_bytes_that_were_there_at_first) {
  last_input tested;
  tested.take(1'000);
  EXPECT_TRUE(tested.owes([] { return std::size_t{10}; }));
  // What came later does not count.
  EXPECT_TRUE(tested.owes([] { return std::size_t{1'000}; }));
  tested.take(4);
  EXPECT_TRUE(tested.owes([] { return std::size_t{1'000}; }));
  tested.take(100);
  EXPECT_FALSE(tested.owes([] { return std::size_t{1'000}; }));
}

TEST(last_input, owes_nothing_where_nothing_was) {
  last_input tested;
  EXPECT_FALSE(tested.owes([] { return std::size_t{0}; }));
}

TEST(last_input, bounds_the_rest_of_a_request_once) {
  const auto begin = timer_wheel::clock::now();
  last_input tested;
  EXPECT_EQ(tested.bounded(begin + 1s, begin), begin + 1s);
  const auto longest = begin + connection_times::rest_of_request;
  EXPECT_EQ(tested.bounded(begin + 1h, begin), longest);
  // Each byte that comes would move the limit on.
  EXPECT_EQ(tested.bounded(begin + 1h, begin + 1s), longest);
}

} // namespace

} // namespace troupe
