#include "troupe/specs/text/log_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

std::string shown(std::string_view text,
                  std::size_t max_bytes = max_log_message) {
  std::string room;
  return std::string{printable(text, room, max_bytes)};
}

TEST(printable, leaves_plain_text_where_it_is) {
  std::string room;
  std::string_view text = "model m: a \"quoted\" word and C:\\path ~";
  EXPECT_EQ(printable(text, room).data(), text.data());
  EXPECT_EQ(shown(""), "");
}

TEST(printable, makes_one_line_of_several) {
  EXPECT_EQ(shown("a\nb\r\nc\td"), "a\\nb\\r\\nc\\td");
  EXPECT_EQ(shown(std::string_view{"a\0b", 3}), "a\\x00b");
}

TEST(printable, shows_what_a_terminal_would_obey) {
  EXPECT_EQ(shown("\x1b[31mred\x1b[0m"), "\\x1B[31mred\\x1B[0m");
  EXPECT_EQ(shown("\x7f\b"), "\\x7F\\x08");
  // C1, both as a code point and as a bare byte.
  EXPECT_EQ(shown("\xC2\x9B"), "\\u{9B}");
  EXPECT_EQ(shown("\x9B"), "\\x9B");
}

TEST(printable, shows_what_is_invisible_or_turns_the_text_around) {
  EXPECT_EQ(shown("a\xE2\x80\xAE"
                  "b"),
            "a\\u{202E}b");
  EXPECT_EQ(shown("\xE2\x81\xA6"), "\\u{2066}");
  EXPECT_EQ(shown("\xE2\x80\xA8\xE2\x80\xA9"), "\\u{2028}\\u{2029}");
  EXPECT_EQ(shown("\xE2\x80\x8B\xEF\xBB\xBF"), "\\u{200B}\\u{FEFF}");
  EXPECT_EQ(shown("\xF3\xA0\x81\x81"), "\\u{E0041}");
}

TEST(printable, keeps_the_text_of_all_languages) {
  for (std::string text : {"gr\xC3\xBC\xC3\x9F", "\xE6\x97\xA5\xE6\x9C\xAC",
                           "\xF0\x9F\x98\x80", "\xC2\xA0"})
    EXPECT_EQ(shown(text), text);
}

TEST(printable, shows_bytes_that_are_no_utf8) {
  EXPECT_EQ(shown("a\xFF\xC3"), "a\\xFF\\xC3");
  EXPECT_EQ(shown("\xC0\xAF"), "\\xC0\\xAF");
  EXPECT_EQ(shown("\xED\xA0\x80"), "\\xED\\xA0\\x80") << "a surrogate";
  EXPECT_EQ(shown("\xE2\x82."), "\\xE2\\x82.");
}

TEST(printable, bounds_the_length_and_says_what_is_missing) {
  auto text = shown(std::string(5000, 'x'));
  EXPECT_LE(text.size(), max_log_message);
  EXPECT_TRUE(text.ends_with(" more bytes)")) << text;
  EXPECT_LE(shown(std::string(5000, '\n')).size(), max_log_message);
  EXPECT_EQ(shown(std::string(max_log_message, 'x')).find("more bytes"),
            std::string::npos);
  // No code point is cut in two.
  std::string umlauts;
  while (umlauts.size() < 200)
    umlauts += "\xC3\xBC";
  auto cut = shown(umlauts, 101);
  EXPECT_EQ(cut.find("\\x"), std::string::npos) << cut;
}

TEST(printable, changes_nothing_the_second_time) {
  for (const auto& text :
       {std::string{"a\nb\\"}, std::string(9000, '\x1b'), std::string{"\xFF"}})
    EXPECT_EQ(shown(shown(text)), shown(text));
}

TEST(log_quoted, ends_where_it_seems_to_end) {
  EXPECT_EQ(log_quoted("/a b"), "\"/a b\"");
  EXPECT_EQ(log_quoted("/a\" of \"\\n"), "\"/a\\\" of \\\"\\\\n\"");
  EXPECT_EQ(log_quoted("/\n2026-01-01T00:00:00.000Z error forged"),
            "\"/\\n2026-01-01T00:00:00.000Z error forged\"");
  EXPECT_LT(log_quoted(std::string(5000, 'x')).size(), 250U);
}

} // namespace

} // namespace troupe
