#include "troupe/actors/pool/idle_slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

using namespace troupe;

namespace {

/// Takes out all, the one with the least to do first.
std::vector<std::uint32_t> take_all(idle_slots& from) {
  std::vector<std::uint32_t> result;
  while (!from.empty()) {
    result.push_back(from.least());
    from.erase(result.back());
  }
  return result;
}

using slots = std::vector<std::uint32_t>;

} // namespace

TEST(idle_slots, have_the_one_with_the_fewest_calls_first) {
  idle_slots tested;
  tested.put(0, 3, false);
  tested.put(1, 0, true);
  tested.put(2, 7, false);
  EXPECT_EQ(tested.size(), 3u);
  EXPECT_EQ(take_all(tested), (slots{1, 0, 2}));
}

TEST(idle_slots, have_the_one_used_last_first_here_and_turns_elsewhere) {
  idle_slots tested;
  for (std::uint32_t i : {0U, 1U, 2U})
    tested.put(i, 1, true);
  for (std::uint32_t i : {3U, 4U, 5U})
    tested.put(i, 1, false);
  EXPECT_EQ(take_all(tested), (slots{5, 4, 3, 0, 1, 2}));
}

TEST(idle_slots, move_what_is_in_already) {
  idle_slots tested;
  tested.put(0, 0, false);
  tested.put(1, 1, false);
  tested.put(0, 2, false);
  EXPECT_EQ(tested.size(), 2u);
  EXPECT_EQ(take_all(tested), (slots{1, 0}));
}

TEST(idle_slots, know_nothing_of_what_is_not_in) {
  idle_slots tested;
  tested.erase(7);
  tested.put(3, 0, true);
  tested.erase(2);
  tested.erase(3);
  tested.erase(3);
  EXPECT_TRUE(tested.empty());
  tested.put(3, 5, true);
  EXPECT_EQ(tested.least(), 3u);
}

TEST(idle_slots, agree_with_a_search_through_all) {
  idle_slots tested;
  std::map<std::uint32_t, std::uint32_t> expected;
  std::mt19937 random{7};
  for (auto i = 0; i < 20'000; ++i) {
    const auto slot = static_cast<std::uint32_t>(random() % 50);
    if (random() % 3 == 0) {
      tested.erase(slot);
      expected.erase(slot);
    } else {
      const auto load = static_cast<std::uint32_t>(random() % 9);
      tested.put(slot, load, slot % 2 == 0);
      expected[slot] = load;
    }
    ASSERT_EQ(tested.size(), expected.size());
    if (expected.empty())
      continue;
    const auto least = std::min_element(
      expected.begin(), expected.end(),
      [](const auto& x, const auto& y) { return x.second < y.second; });
    ASSERT_EQ(expected.at(tested.least()), least->second);
  }
}
