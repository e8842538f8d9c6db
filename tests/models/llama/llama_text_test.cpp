#include "troupe/models/llama/llama_text.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using parts = std::vector<std::string_view>;

std::string matched(stop_matcher& x, const std::vector<std::string>& pieces) {
  std::string result;
  for (const auto& piece : pieces)
    result += x.push(piece) + '|';
  return result + x.finish();
}

} // namespace

TEST(split_text, leaves_a_short_text_whole) {
  EXPECT_EQ(split_text("", 8), (parts{""}));
  EXPECT_EQ(split_text("abc def ", 8), (parts{"abc def "}));
}

TEST(split_text, cuts_before_a_space_between_letters) {
  EXPECT_EQ(split_text("ab cd ef gh", 8), (parts{"ab cd ef", " gh"}));
  EXPECT_EQ(split_text("abcde. fg h", 10), (parts{"abcde. fg", " h"}));
}

TEST(split_text, cuts_code_points_from_each_other_else) {
  EXPECT_EQ(split_text("a1\u4E2D\u6587\u5B57", 9),
            (parts{"a1\u4E2D\u6587", "\u5B57"}));
  EXPECT_EQ(split_text("1234567\u4E2D!", 8), (parts{"1234567", "\u4E2D!"}));
}

TEST(split_text, cuts_no_control_token) {
  const std::string before(90, 'x');
  const std::string text = before + "<|im_start|>abc";
  EXPECT_EQ(split_text(text, 100), (parts{before, "<|im_start|>abc"}));
}

TEST(split_text, bounds_the_parts_of_any_text) {
  for (const std::string unit :
       {"x", " ", "<", "\n", "\x80", "\u4E2D", "ab ", "x<[1 \u4E2D"}) {
    std::string text;
    while (text.size() < 1000)
      text += unit;
    std::string joined;
    for (auto part : split_text(text, 64)) {
      EXPECT_LE(part.size(), 64U);
      EXPECT_FALSE(part.empty());
      joined += part;
    }
    EXPECT_EQ(joined, text);
  }
}

TEST(stop_matcher, returns_all_without_stop_strings) {
  stop_matcher x;
  EXPECT_EQ(matched(x, {"a", "bc"}), "a|bc|");
  EXPECT_FALSE(x.stopped());
}

TEST(stop_matcher, finds_a_string_across_pieces) {
  stop_matcher x{{"END"}};
  EXPECT_EQ(matched(x, {"aE", "N", "D rest", "more"}), "a||||");
  EXPECT_TRUE(x.stopped());
}

TEST(stop_matcher, gives_back_what_was_no_beginning_after_all) {
  stop_matcher x{{"END"}};
  EXPECT_EQ(matched(x, {"aE", "N", "x", "EN"}), "a||ENx||EN");
  EXPECT_FALSE(x.stopped());
}

TEST(stop_matcher, takes_the_earliest_of_several) {
  stop_matcher x{{"cd", "b"}};
  EXPECT_EQ(matched(x, {"abcd"}), "a|");
}

TEST(stop_matcher, finds_a_string_that_repeats_its_beginning) {
  stop_matcher x{{"aab"}};
  EXPECT_EQ(matched(x, {"a", "a", "a", "b"}), "||a||");
  EXPECT_TRUE(x.stopped());
}

} // namespace troupe
