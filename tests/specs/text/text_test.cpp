#include "troupe/specs/text/text.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(text, is_trimmed_of_spaces_and_tabs_only) {
  EXPECT_EQ(trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(trimmed(" \n "), "\n");
  EXPECT_EQ(trimmed("  "), "");
}

TEST(text, is_lowered_letter_by_letter_without_a_locale) {
  EXPECT_EQ(lowered("AbZ[@\xC4"), "abz[@\xC4");
}

TEST(text, has_hexadecimal_digits_of_both_cases) {
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
  EXPECT_EQ(hex_value('g'), -1);
  EXPECT_EQ(hex_value('/'), -1);
}

TEST(text, is_clipped_for_messages) {
  EXPECT_EQ(clipped("abc", 3), "abc");
  EXPECT_EQ(clipped("abcd", 3), "abc...");
  const std::string text(1000, 'a');
  EXPECT_EQ(clipped(text).size(), max_echo_bytes + 3);
  EXPECT_TRUE(clipped(text).ends_with("a..."));
  EXPECT_EQ(clipped("ab", 0), "...");
  EXPECT_EQ(clipped("", 0), "");
}

TEST(text, is_never_clipped_inside_a_code_point) {
  EXPECT_EQ(clipped("a\u20ac\u20ac", 4), "a\u20ac...");
  EXPECT_EQ(clipped("a\u20ac\u20ac", 5), "a\u20ac...");
  EXPECT_EQ(clipped("a\u20ac\u20ac", 6), "a\u20ac...");
  EXPECT_EQ(clipped("\U0001F600\U0001F600", 7), "\U0001F600...");
  // What is no UTF-8 is cut where it is.
  EXPECT_EQ(clipped("\x80\x80\x80\x80\x80\x80", 4), "\x80\x80\x80\x80...");
}

TEST(text, is_quoted_for_messages) {
  EXPECT_EQ(quoted("a"), "'a'");
  EXPECT_EQ(quoted("abc", 2), "'ab...'");
}

TEST(without_port, knows_all_forms) {
  for (auto* x : {"1.2.3.4", "1.2.3.4:80"})
    EXPECT_EQ(without_port(x), "1.2.3.4") << x;
  for (auto* x : {"::1", "[::1]", "[::1]:80"})
    EXPECT_EQ(without_port(x), "::1") << x;
  EXPECT_EQ(without_port(""), "");
}
