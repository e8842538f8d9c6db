#include "troupe/specs/values/utf8.hpp"

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

} // namespace troupe
