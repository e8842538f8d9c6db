#include "troupe/specs/json/json.hpp"
#include "troupe/specs/json/json_string.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace troupe {

namespace {

std::string written(std::string_view text) {
  std::string result{"before"};
  append_json_string(result, text);
  return result.substr(6);
}

TEST(json_string, is_what_a_document_of_it_would_be) {
  using namespace std::string_literals;
  const std::vector<std::string> texts{
    "",
    "plain",
    "\"quoted\" and \\",
    "\b\f\n\r\t/",
    "\0in the middle\0"s,
    "\x01\x1F\x7F",
    "\u00e9 \u20ac \U0001F600",
    "\u2028\u2029\uFEFF\uFFFF",
    // Bytes that are not UTF-8, alone, between others and at the end.
    "\xFF",
    "a\x80z",
    "\xE2\x82",
    "\xE2\x82z",
    "\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80",
    "12345678\xF0\x9F",
    std::string(100'000, 'x') + '"' + std::string(100'000, '\n'),
  };
  for (const auto& x : texts)
    EXPECT_EQ(written(x), dump_json(x)) << x.substr(0, 40);
}

TEST(json_string, is_what_a_document_of_any_bytes_would_be) {
  std::mt19937 random{1};
  // Much of what begins, continues and ends code points.
  const std::string alphabet = "a\"\\\n\x1F\x7F\x80\xBF\xA0\x9F\x90\x8F\xC2\xC3"
                               "\xE0\xE2\xED\xEF\xF0\xF4\xF5\xFF";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n)
      text += alphabet[random() % alphabet.size()];
    ASSERT_EQ(written(text), dump_json(text)) << i;
  }
}

} // namespace

} // namespace troupe
