#include "troupe/http/key_text.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool is_control(char c) noexcept {
  return (c >= 0 && c < 0x20) || c == 0x7F;
}

} // namespace

std::string key_fault(std::string_view key) {
  if (std::all_of(key.begin(), key.end(), is_white_space))
    return "is blank";
  auto line_end = [](char c) { return c == '\n' || c == '\r'; };
  if (line_end(key.back()))
    return "ends with a line break, which no header field can hold (what echo "
           "writes has one)";
  if (is_white_space(key.front()))
    return "begins with white space, which a header field loses";
  if (is_white_space(key.back()))
    return "ends with white space, which a header field loses";
  if (std::any_of(key.begin(), key.end(), is_control))
    return "holds a control character, which no header field can hold";
  return {};
}

} // namespace troupe
