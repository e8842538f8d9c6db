#include "troupe/http/framing/field_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

/// How many bytes were looked at, and what is wrong.
std::string looked(std::string_view text, std::size_t max_lines = 10) {
  field_guard x{max_lines};
  const auto* end = x.look(text.data(), text.data() + text.size());
  return std::to_string(end - text.data()) + (x.done() ? " done" : "")
         + std::string{x.error()};
}

TEST(field_guard, ends_with_the_empty_line) {
  EXPECT_EQ(looked("\r\nmore"), "2 done");
  EXPECT_EQ(looked("A: b\r\nC:\r\n\r\nmore"), "12 done");
  EXPECT_EQ(looked("A: b\r\nC:"), "8");
}

TEST(field_guard, stops_at_the_byte_that_is_wrong) {
  EXPECT_EQ(looked("A: b\nC"), "4" + std::string{bad_line_end});
  EXPECT_EQ(looked("A: b\rC"), "5" + std::string{bad_line_end});
  EXPECT_EQ(looked("\rX"), "1" + std::string{bad_line_end});
  EXPECT_TRUE(looked("A: b\r\n c\r\n").starts_with("6Folded"));
  EXPECT_TRUE(looked("A : b").starts_with("1A header field needs"));
  EXPECT_TRUE(looked("A: b\x01").starts_with("4A header field holds"));
  EXPECT_TRUE(looked(":").starts_with("0Malformed"));
}

TEST(field_guard, counts_lines_as_they_begin) {
  EXPECT_EQ(looked("A: b\r\n\r\n", 1), "8 done");
  EXPECT_EQ(looked("A: b\r\nC", 1), "6Too many header fields");
}

} // namespace

} // namespace troupe
