#include "troupe/actors/status/recent_errors.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(recent_errors, keeps_the_last_ones_the_newest_first) {
  recent_errors tested;
  EXPECT_TRUE(tested.list().empty());
  for (int i = 1; i <= 12; ++i)
    tested.add("error " + std::to_string(i));
  auto got = tested.list();
  ASSERT_EQ(got.size(), recent_errors::max_count);
  EXPECT_EQ(got.front().text, "error 12");
  EXPECT_EQ(got.front().number, 12U);
  EXPECT_EQ(got.back().text, "error 3");
}

TEST(recent_errors, keeps_no_more_of_a_text_than_people_read) {
  recent_errors tested;
  tested.add(std::string(100'000, 'x'));
  EXPECT_EQ(tested.list().at(0).text.size(), recent_errors::max_bytes);
}
