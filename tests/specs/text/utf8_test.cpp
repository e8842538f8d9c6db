#include "troupe/specs/text/utf8.hpp"

#include <gtest/gtest.h>

#include <vector>

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

} // namespace

TEST(first_code_point, decodes_every_length) {
  auto code = [](std::string_view x) {
    auto step = first_code_point(x);
    return step.valid && step.size == x.size() ? step.code : char32_t{0};
  };
  EXPECT_EQ(code("a"), U'a');
  EXPECT_EQ(code("\xC3\xA9"), U'\u00E9');
  EXPECT_EQ(code("\xE2\x82\xAC"), U'\u20AC');
  EXPECT_EQ(code("\xF0\x9F\x98\x80"), U'\U0001F600');
  EXPECT_EQ(code("\xF4\x8F\xBF\xBF"), U'\U0010FFFF');
  EXPECT_EQ(first_code_point("ab").size, 1U);
}

TEST(first_code_point, takes_a_maximal_part_of_a_broken_one) {
  for (auto [text, size] : {std::pair{"\xFF", 1U},
                            {"\x80", 1U},
                            {"\xC3", 1U},
                            {"\xC3z", 1U},
                            {"\xE2\x82", 2U},
                            {"\xE2\x82z", 2U},
                            {"\xED\xA0\x80", 1U}}) {
    auto step = first_code_point(text);
    EXPECT_FALSE(step.valid) << text;
    EXPECT_EQ(step.size, size) << text;
  }
}

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

TEST(utf8_assembler, does_the_same_in_place) {
  utf8_assembler tested;
  auto pushed = [&](std::string text) {
    tested.push(text);
    return text;
  };
  EXPECT_EQ(pushed("whole \xC3\xA9"), "whole \xC3\xA9");
  EXPECT_EQ(pushed("a\xC3"), "a");
  EXPECT_EQ(pushed("\xA9z"), "\xC3\xA9z");
  EXPECT_EQ(pushed("\xFF"), "\xEF\xBF\xBD");
  EXPECT_EQ(pushed(""), "");
}

TEST(utf8, knows_whether_all_is_utf_8) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xC3\xA9\xF0\x9F\x98\x80z"));
  EXPECT_FALSE(is_utf8("a\xC3"));
  EXPECT_FALSE(is_utf8("\xC3z"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
}

TEST(utf8, counts_code_points_and_not_bytes) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("a\xC3\xA9\xE2\x82\xAC"), 3U);
}

} // namespace troupe
