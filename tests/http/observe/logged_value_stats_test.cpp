#include "troupe/http/observe/logged_value_stats.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(logged_value_stats, keep_last_sum_and_count_of_numbers) {
  logged_value_stats x;
  x.process("m", "loss", 2);
  x.process("m", "loss", 0.5);
  x.process("m", "hit", true);
  x.process("a", "loss", 7);
  x.process("m", "text", "no number");
  auto all = x.entries();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].model, "a");
  EXPECT_EQ(all[1].key, "hit");
  EXPECT_EQ(all[1].last, 1);
  EXPECT_EQ(all[2].last, 0.5);
  EXPECT_EQ(all[2].sum, 2.5);
  EXPECT_EQ(all[2].count, 2U);
}

TEST(logged_value_stats, are_bounded) {
  logged_value_stats x{2};
  for (auto* key : {"a", "b", "c", "a"})
    x.process("m", key, 1);
  auto all = x.entries();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].count, 2U);
}

} // namespace

} // namespace troupe
