#include "troupe/specs/system/random_bits.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <set>
#include <vector>

namespace troupe {

namespace {

std::vector<std::uint64_t> take_thousand() {
  std::vector<std::uint64_t> result;
  for (int i = 0; i < 1'000; ++i)
    result.push_back(random_bits());
  return result;
}

TEST(random_bits, differ_on_each_call_and_each_thread) {
  std::set<std::uint64_t> seen;
  std::vector<std::future<std::vector<std::uint64_t>>> threads;
  for (int i = 0; i < 4; ++i)
    threads.push_back(std::async(std::launch::async, take_thousand));
  for (auto& t : threads)
    for (auto x : t.get())
      EXPECT_TRUE(seen.insert(x).second);
}

TEST(random_bits, are_ones_and_zeros_in_each_place) {
  std::uint64_t ones = 0;
  std::uint64_t zeros = 0;
  for (auto x : take_thousand()) {
    ones |= x;
    zeros |= ~x;
  }
  EXPECT_EQ(ones, UINT64_MAX);
  EXPECT_EQ(zeros, UINT64_MAX);
}

} // namespace

} // namespace troupe
