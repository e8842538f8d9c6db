#include "troupe/specs/exchange/held_items.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

using held_texts = held_items<std::string>;
using verdict = held_texts::verdict;

verdict put(held_texts& to, std::string x) {
  const auto n = x.size();
  return to.add(x, n);
}

TEST(held_items, go_at_once_while_there_is_credit) {
  held_texts tested{2, 10};
  EXPECT_TRUE(tested.has_credit());
  EXPECT_EQ(put(tested, "a"), verdict::send);
  EXPECT_EQ(put(tested, "b"), verdict::send);
  EXPECT_FALSE(tested.has_credit());
  EXPECT_EQ(put(tested, "c"), verdict::held);
  EXPECT_FALSE(tested.empty());
}

TEST(held_items, go_in_order_when_there_is_credit_again) {
  held_texts tested{0, 10};
  put(tested, "a");
  put(tested, "b");
  EXPECT_EQ(tested.next(), std::nullopt);
  tested.add_credit(3);
  EXPECT_EQ(put(tested, "c"), verdict::held) << "others stand before it";
  EXPECT_EQ(tested.next(), "a");
  EXPECT_EQ(tested.next(), "b");
  EXPECT_EQ(tested.next(), "c");
  EXPECT_EQ(tested.next(), std::nullopt);
  EXPECT_FALSE(tested.has_credit());
}

TEST(held_items, are_bounded_by_their_bytes) {
  held_texts tested{0, 10};
  EXPECT_EQ(put(tested, "123456"), verdict::held);
  EXPECT_EQ(put(tested, "12345"), verdict::too_much);
  EXPECT_EQ(put(tested, "1234"), verdict::held);
  tested.add_credit(1);
  EXPECT_EQ(tested.next(), "123456");
  EXPECT_EQ(put(tested, "123456"), verdict::held);
  tested.clear();
  EXPECT_TRUE(tested.empty());
  EXPECT_EQ(put(tested, "1234567890"), verdict::held);
}

TEST(held_items, that_are_refused_stay_with_the_caller) {
  held_texts tested{0, 1};
  std::string x{"too long"};
  EXPECT_EQ(tested.add(x, x.size()), verdict::too_much);
  EXPECT_EQ(x, "too long");
}

} // namespace

} // namespace troupe
