#include "troupe/specs/json/json_text.hpp"

#include "troupe/specs/text/text.hpp"
#include "troupe/specs/text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace troupe::json_text {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Whether a number that no `double` holds is too small for it: 0, then.
bool is_tiny(std::string_view number) noexcept {
  auto exponent_at = std::min(number.find_first_of("eE"), number.size());
  auto digits = number.substr(0, exponent_at);
  auto exponent = number.substr(std::min(exponent_at + 1, number.size()));
  auto point = std::min(digits.find('.'), digits.size());
  auto first = digits.find_first_of("123456789");
  if (first == std::string_view::npos)
    return true;
  // Ten to the power of this is about the number.
  auto power = first < point ? static_cast<std::int64_t>(point - first) - 1
                             : -static_cast<std::int64_t>(first - point);
  std::int64_t more = 0;
  if (exponent.starts_with('+'))
    exponent.remove_prefix(1);
  auto [last, ec] =
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), more);
  if (ec == std::errc::result_out_of_range)
    return exponent.starts_with('-');
  constexpr std::int64_t far = std::int64_t{1} << 62U;
  return power + std::clamp(more, -far, far) < 0;
}

/// Passes a string. @param at its first quote, then its last
/// @returns whether it has one
bool pass_string(const char*& at, const char* end) noexcept {
  for (++at; at != end && *at != '"'; ++at)
    if (*at == '\\' && ++at == end)
      return false;
  return at != end;
}

/// Passes text, 64 bytes at a time, that has no brackets, quotes, comments or
/// commas without an element before them. Plain loops, which compilers turn
/// into vector instructions. @returns how many commas it passed
std::size_t pass_blocks(const char*& at, const char* end) noexcept {
  constexpr std::ptrdiff_t block = 64;
  std::size_t result = 0;
  for (; end - at > block; at += block) {
    std::uint8_t commas = 0;
    std::uint8_t others = 0;
    for (std::ptrdiff_t i = 0; i < block; ++i) {
      auto c = static_cast<std::uint8_t>(at[i]);
      auto comma = static_cast<std::uint8_t>(c == ',');
      // Square and curly brackets differ by one bit.
      auto bracket = static_cast<std::uint8_t>(c | 0x20U);
      commas = static_cast<std::uint8_t>(commas + comma);
      others |= static_cast<std::uint8_t>(
        static_cast<std::uint8_t>(bracket == '{')
        | static_cast<std::uint8_t>(bracket == '}')
        | static_cast<std::uint8_t>(c == '"')
        | static_cast<std::uint8_t>(c == '/')
        | (comma & static_cast<std::uint8_t>(at[i + 1] == ',')));
    }
    if (others != 0)
      break;
    result += commas;
  }
  return result;
}

/// Whether a comma follows another one. Such a text is refused later; it gets
/// no room before.
bool is_extra(const char* begin, const char* at) noexcept {
  return *at == ',' && at != begin && at[-1] == ',';
}

/// Whether an element stands before the bracket that closes its array.
bool ends_element(const char* begin, const char* bracket) noexcept {
  while (bracket != begin && is_space(bracket[-1]))
    --bracket;
  return bracket != begin && bracket[-1] != ',';
}

/// Reads the four digits of `\uXXXX`. @returns -1 when they are not there
std::int32_t code_unit(const char* escape, const char* end) noexcept {
  constexpr int digits = 4;
  std::int32_t result = 0;
  for (int i = 0; i < digits; ++i) {
    const auto* digit = escape + 2 + i;
    auto value = digit < end ? hex_value(*digit) : -1;
    if (value < 0)
      return -1;
    result = result * 16 + value;
  }
  return result;
}

/// Decodes `\uXXXX`, or two of them for a pair, and passes what it read.
escape_fault decode_unicode(const char*& at, const char* end,
                            std::string& out) {
  constexpr int length = 6;
  auto x = code_unit(at, end);
  if (x < 0)
    return {at, "expected four hexadecimal digits after \\u"};
  const auto* rest = at + length;
  if (x >= 0xD800 && x < 0xE000) {
    auto paired =
      x < 0xDC00 && end - rest >= 2 && rest[0] == '\\' && rest[1] == 'u';
    auto low = paired ? code_unit(rest, end) : 0;
    if (low < 0xDC00 || low >= 0xE000)
      return {at, "a string has half of a surrogate pair"};
    x = 0x10000 + ((x - 0xD800) << 10) + (low - 0xDC00);
    rest += length;
  }
  append_code_point(out, static_cast<std::uint32_t>(x));
  at = rest;
  return {};
}

/// The character of a short escape.
char unescaped(char c) noexcept {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

} // namespace

const char* skip_plain(const char* at, const char* end) noexcept {
  // Eight bytes at a time.
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = ones << 7U;
  constexpr auto zero_in = [](std::uint64_t x) {
    return (x - ones) & ~x & highs;
  };
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    auto special = (word & highs) | ((word - ones * 0x20) & ~word & highs)
                   | zero_in(word ^ (ones * '"'))
                   | zero_in(word ^ (ones * '\\'));
    if (special != 0)
      break;
  }
  while (at != end && *at >= 0x20 && *at != '"' && *at != '\\')
    ++at;
  return at;
}

std::string place_of(std::string_view text, std::size_t offset) {
  auto before = text.substr(0, offset);
  if (before.starts_with(byte_order_mark))
    before.remove_prefix(byte_order_mark.size());
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto begin = before.rfind('\n');
  auto rest =
    begin == std::string_view::npos ? before : before.substr(begin + 1);
  auto column = 1 + std::count_if(rest.begin(), rest.end(), [](char c) {
                  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                });
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string byte_text(char c) {
  auto byte = static_cast<unsigned char>(c);
  std::string result{"the byte 0x"};
  result += upper_hex_digits[byte >> 4U];
  result += upper_hex_digits[byte & 0xFU];
  return result;
}

std::string shown(std::string_view rest) {
  if (rest.empty())
    return "the end of the text";
  if (is_alpha(rest.front())) {
    auto end = std::find_if_not(rest.begin(), rest.end(), is_alpha);
    return quoted(rest.substr(0, end - rest.begin()), most_shown);
  }
  auto length = code_point_length(rest);
  auto c = rest.front();
  if (length == 0 || (c >= 0 && c < 0x20) || c == 0x7F)
    return byte_text(c);
  return quoted(rest.substr(0, length));
}

std::optional<double> to_double(std::string_view number) noexcept {
  double x = 0;
  auto result =
    std::from_chars(number.data(), number.data() + number.size(), x);
  if (result.ec == std::errc::result_out_of_range && is_tiny(number))
    return number.starts_with('-') ? -0.0 : 0.0;
  if (result.ec != std::errc{} || !std::isfinite(x))
    return std::nullopt;
  return x;
}

std::size_t count_scalars(const char* at, const char* end) noexcept {
  const auto* begin = at;
  auto commas = pass_blocks(at, end);
  for (; at != end; ++at) {
    auto c = *at;
    if (c == ']')
      return ends_element(begin, at) ? commas + 1 : 0;
    if (c == '[' || c == '{' || c == '"' || c == '/' || is_extra(begin, at))
      return 0;
    if (c == ',')
      ++commas;
  }
  return 0;
}

std::size_t count_elements(const char* at, const char* end) noexcept {
  const auto* begin = at;
  auto commas = pass_blocks(at, end);
  std::size_t depth = 0;
  for (; at != end; ++at) {
    auto c = *at;
    if (c == '"' && !pass_string(at, end))
      return 0;
    if ((c == ']' || c == '}') && depth-- == 0)
      return ends_element(begin, at) ? commas + 1 : 0;
    if (is_extra(begin, at))
      return 0;
    if (c == ',' && depth == 0)
      ++commas;
    if (c == '[' || c == '{') {
      ++depth;
      // The loop steps on from there.
      pass_blocks(++at, end);
      --at;
    }
  }
  return 0;
}

escape_fault decode_escapes(std::string_view raw, std::string& out) {
  out.clear();
  // An escape is never shorter than what it stands for.
  out.reserve(raw.size());
  const auto* at = raw.data();
  const auto* end = at + raw.size();
  for (;;) {
    const auto* escape = std::find(at, end, '\\');
    out.append(at, escape);
    at = escape;
    if (at == end)
      return {};
    if (at[1] != 'u') {
      out += unescaped(at[1]);
      at += 2;
    } else if (auto fault = decode_unicode(at, end, out)) {
      return fault;
    }
  }
}

} // namespace troupe::json_text
