#include "troupe/http/connection/answer_stamps.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

TEST(answer_stamps, make_no_id_twice) {
  answer_stamps one;
  answer_stamps other;
  auto first = one.next_id();
  EXPECT_NE(first, one.next_id());
  EXPECT_NE(first, other.next_id());
  // No allocation.
  EXPECT_LE(first.size(), 15U);
}

TEST(answer_stamps, make_a_date_once_a_second) {
  answer_stamps tested;
  auto now = timer_wheel::clock::now();
  auto date = tested.date(now);
  EXPECT_TRUE(date.ends_with(" GMT")) << date;
  const auto* memory = date.data();
  EXPECT_EQ(tested.date(now).data(), memory);
  EXPECT_TRUE(tested.date(now + 5s).ends_with(" GMT"));
}

} // namespace

} // namespace troupe
