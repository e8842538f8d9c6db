#include "troupe/actors/supervision/restart_budget.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr restart_budget::time_point start{1h};

restart_options budget(std::size_t max_restarts = 10) {
  restart_options result;
  result.initial_backoff = 100ms;
  result.max_backoff = 500ms;
  result.max_restarts = max_restarts;
  result.window = 60s;
  return result;
}

} // namespace

TEST(restart_budget, doubles_the_wait_up_to_its_most) {
  restart_budget x{budget()};
  EXPECT_EQ(x.spend(start), 100ms);
  EXPECT_EQ(x.spend(start), 200ms);
  EXPECT_EQ(x.spend(start), 400ms);
  EXPECT_EQ(x.spend(start), 500ms);
  EXPECT_EQ(x.spend(start), 500ms);
  EXPECT_EQ(x.spent(), 5u);
}

TEST(restart_budget, is_used_up_by_one_death_more_than_it_allows) {
  restart_budget x{budget(2)};
  EXPECT_TRUE(x.spend(start));
  EXPECT_TRUE(x.spend(start + 1s));
  EXPECT_FALSE(x.spend(start + 2s));
  EXPECT_FALSE(x.spend(start + 3s));
}

TEST(restart_budget, of_zero_allows_no_restart) {
  restart_budget x{budget(0)};
  EXPECT_FALSE(x.spend(start));
}

TEST(restart_budget, forgets_deaths_outside_the_window) {
  restart_budget x{budget(2)};
  EXPECT_EQ(x.spend(start), 100ms);
  EXPECT_EQ(x.spend(start + 60s), 200ms);
  // The first is 60.001 s old now.
  EXPECT_EQ(x.spend(start + 60'001ms), 200ms);
  EXPECT_EQ(x.spent(), 2u);
  EXPECT_EQ(x.spend(start + 200s), 100ms);
  EXPECT_EQ(x.spent(), 1u);
}

TEST(restart_budget, takes_no_wait_for_an_answer) {
  auto o = budget();
  o.initial_backoff = 0ms;
  o.max_backoff = 0ms;
  restart_budget x{o};
  EXPECT_EQ(x.spend(start), 0ms);
  EXPECT_EQ(x.spend(start), 0ms);
}

TEST(restart_budget, is_spread_by_chance_and_never_longer) {
  restart_budget x{budget()};
  EXPECT_EQ(x.spend(start, 0, 0.5), 88ms);
  EXPECT_EQ(x.spend(start, 0, 0.999), 151ms);
  EXPECT_EQ(x.spend(start, 0, 0), 400ms);
}

TEST(restart_budget, counts_deaths_of_one_input_once) {
  restart_budget x{budget(2)};
  for (std::size_t i = 1; i <= 4; ++i) {
    EXPECT_EQ(x.spend(start, 7), 100ms);
    EXPECT_EQ(x.deaths_of(7), i);
  }
  EXPECT_EQ(x.spend(start, 8), 200ms);
  EXPECT_EQ(x.spent(), 2u);
  EXPECT_FALSE(x.spend(start, 9));
  EXPECT_EQ(x.deaths_of(0), 0u) << "no input, no mark";
  EXPECT_EQ(x.deaths_of(10), 0u);
}

TEST(restart_budget, forgets_inputs_outside_the_window) {
  restart_budget x{budget(2)};
  EXPECT_TRUE(x.spend(start, 7));
  EXPECT_TRUE(x.spend(start + 61s, 7));
  EXPECT_EQ(x.deaths_of(7), 1u);
}
