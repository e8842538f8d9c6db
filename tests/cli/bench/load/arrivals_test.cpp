#include "troupe/cli/bench/load/arrivals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

std::vector<double> gaps(arrivals x, std::size_t count) {
  std::vector<double> result;
  for (auto last = x.next(); result.size() < count; last = x.next()) {
    x.advance();
    result.push_back(std::chrono::duration<double>(x.next() - last).count());
  }
  return result;
}

} // namespace

TEST(arrivals, are_evenly_spaced_when_constant) {
  arrivals x{arrival_kind::constant, 500, 1};
  EXPECT_EQ(x.next(), 0ns);
  x.advance();
  EXPECT_EQ(x.next(), 2ms);
  for (auto i = 0; i < 999; ++i)
    x.advance();
  EXPECT_EQ(x.next(), 2s);
}

TEST(arrivals, do_not_add_up_rounding) {
  arrivals x{arrival_kind::constant, 3, 1};
  for (auto i = 0; i < 3'000'000; ++i)
    x.advance();
  EXPECT_EQ(x.next(), 1'000'000s);
}

TEST(arrivals, of_several_loops_are_evenly_spaced_together) {
  arrivals a{arrival_kind::constant, 250, 1, 0};
  arrivals b{arrival_kind::constant, 250, 1, 0.5};
  EXPECT_EQ(b.next() - a.next(), 2ms);
  a.advance();
  EXPECT_EQ(a.next() - b.next(), 2ms);
}

TEST(arrivals, are_exponential_when_poisson) {
  auto all = gaps(arrivals{arrival_kind::poisson, 1000, 42}, 100000);
  double sum = 0;
  std::size_t above = 0;
  for (auto x : all) {
    EXPECT_GE(x, 0);
    sum += x;
    above += x > 0.001 ? 1 : 0;
  }
  EXPECT_NEAR(sum / 1e5, 0.001, 0.00002);
  // P(gap > mean) = 1/e
  EXPECT_NEAR(static_cast<double>(above) / 1e5, std::exp(-1), 0.01);
}

TEST(arrivals, repeat_with_the_same_seed_only) {
  auto of = [](std::uint64_t seed) {
    return gaps(arrivals{arrival_kind::poisson, 10, seed}, 20);
  };
  EXPECT_EQ(of(5), of(5));
  EXPECT_NE(of(5), of(6));
}

TEST(arrivals, need_a_rate_above_zero) {
  EXPECT_THROW((arrivals{arrival_kind::constant, 0, 1}), std::invalid_argument);
  EXPECT_THROW((arrivals{arrival_kind::poisson, -1, 1}), std::invalid_argument);
}
