#include "troupe/models/llama_text.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

/// What comes of each piece, then of the end; joined by `|`.
std::string assembled(const std::vector<std::string>& pieces) {
  utf8_assembler x;
  std::string result;
  for (const auto& piece : pieces) {
    x.push(piece, result);
    result += '|';
  }
  x.finish(result);
  return result;
}

std::string matched(stop_matcher& x, const std::vector<std::string>& pieces) {
  std::string result;
  for (const auto& piece : pieces)
    result += x.push(piece) + '|';
  return result + x.finish();
}

} // namespace

TEST(utf8_assembler, keeps_a_code_point_until_it_is_whole) {
  EXPECT_EQ(assembled({"a", "b"}), "a|b|");
  EXPECT_EQ(assembled({"a\xC3", "\xA9z"}), "a|\xC3\xA9z|");
  EXPECT_EQ(assembled({"\xF0", "\x9F", "\x98", "\x80"}),
            "|||\xF0\x9F\x98\x80|");
}

TEST(utf8_assembler, replaces_what_can_be_no_utf_8) {
  EXPECT_EQ(assembled({"\xFF"}), "\xEF\xBF\xBD|");
  EXPECT_EQ(assembled({"\x80x"}), "\xEF\xBF\xBDx|");
  // Overlong, a surrogate, above U+10FFFF.
  EXPECT_EQ(assembled({"\xC0"}), "\xEF\xBF\xBD|");
  EXPECT_EQ(assembled({"\xE0\x80"}), "\xEF\xBF\xBD\xEF\xBF\xBD|");
  EXPECT_EQ(assembled({"\xED\xA0"}), "\xEF\xBF\xBD\xEF\xBF\xBD|");
  EXPECT_EQ(assembled({"\xF4\x90"}), "\xEF\xBF\xBD\xEF\xBF\xBD|");
  // One for the begun code point that another byte cuts off.
  EXPECT_EQ(assembled({"\xE2\x82", "a"}), "|\xEF\xBF\xBD"
                                          "a|");
  EXPECT_EQ(assembled({"a\xE2\x82"}), "a|\xEF\xBF\xBD");
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
