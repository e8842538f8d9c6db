#include "troupe/http/framing/byte_class.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

std::string bytes_of(std::uint8_t classes) {
  std::string result;
  for (int i = 0; i < 256; ++i)
    if (byte_class::is(static_cast<char>(i), classes))
      result += static_cast<char>(i);
  return result;
}

TEST(byte_class, has_the_tokens_of_rfc_9110_section_5_6_2) {
  EXPECT_EQ(bytes_of(byte_class::token),
            "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`"
            "abcdefghijklmnopqrstuvwxyz|~");
}

TEST(byte_class, has_the_values_of_rfc_9110_section_5_5) {
  auto all = bytes_of(byte_class::field);
  EXPECT_EQ(all.size(), 1U + 95U + 128U);
  EXPECT_EQ(all.substr(0, 3), "\t !");
}

TEST(byte_class, has_the_visible_bytes_for_targets) {
  auto all = bytes_of(byte_class::target);
  EXPECT_EQ(all.size(), 94U);
  EXPECT_EQ(all.front(), '!');
  EXPECT_EQ(all.back(), '~');
}

TEST(skip, stops_at_the_first_byte_of_another_class) {
  std::string_view text = "abc def";
  const auto* last = text.data() + text.size();
  EXPECT_EQ(
    byte_class::skip(text.data(), last, byte_class::token) - text.data(), 3);
  EXPECT_EQ(byte_class::skip(text.data(), last, byte_class::field), last);
}

} // namespace

} // namespace troupe
