#include "troupe/specs/values/shared_bytes.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(shared_bytes, are_empty_at_first) {
  shared_bytes x;
  EXPECT_TRUE(x.empty());
  EXPECT_EQ(x.size(), 0U);
  EXPECT_EQ(x.view(), "");
}

TEST(shared_bytes, are_not_copied_with_their_copies) {
  shared_bytes x{std::string(1000, 'x')};
  auto copy = x;
  EXPECT_EQ(copy.data(), x.data());
  EXPECT_EQ(copy.size(), 1000U);
}

TEST(shared_bytes, stay_as_long_as_a_part_of_them_does) {
  auto owner = std::make_shared<const std::string>("head and tail");
  std::weak_ptr<const std::string> watch{owner};
  shared_bytes whole{owner, *owner};
  auto tail = whole.part(whole.view().substr(9));
  owner = nullptr;
  whole = {};
  EXPECT_FALSE(watch.expired());
  EXPECT_TRUE(tail == "tail");
  tail = {};
  EXPECT_TRUE(watch.expired());
}

TEST(shared_bytes, leave_nothing_behind_when_they_move) {
  shared_bytes x{std::string(100, 'x')};
  shared_bytes y{std::move(x)};
  // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
  EXPECT_TRUE(x.empty());
  x = std::move(y);
  EXPECT_EQ(x.size(), 100U);
  // NOLINTNEXTLINE(bugprone-use-after-move)
  EXPECT_TRUE(y.empty());
}
