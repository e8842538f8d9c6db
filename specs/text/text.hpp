#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

/// Small helpers for ASCII text, independent of the locale.
namespace troupe {

/// How many bytes of a client's text a message repeats at most, in an answer or
/// in the log.
inline constexpr std::size_t max_echo_bytes = 200;

inline constexpr std::string_view lower_hex_digits = "0123456789abcdef";
inline constexpr std::string_view upper_hex_digits = "0123456789ABCDEF";

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alpha(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Returns the value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// Returns whether the text has decimal digits only, and one at least.
[[nodiscard]] constexpr bool is_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Returns whether the character may be in a name that goes into a path, a tool
/// of MCP or a label of a metric: a letter, a digit, `_`, `-` or `.`.
[[nodiscard]] constexpr bool is_name_char(char c) noexcept {
  return is_digit(c) || is_alpha(c) || c == '_' || c == '-' || c == '.';
}

/// Returns whether the character is white space in the "C" locale.
[[nodiscard]] constexpr bool is_white_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Returns the text with its ASCII letters in lower case.
[[nodiscard]] std::string lowered(std::string_view text);

/// Drops spaces and tabs at both ends: what HTTP calls optional white space
/// (RFC 9110 section 5.6.3).
[[nodiscard]] constexpr std::string_view trimmed(std::string_view x) noexcept {
  auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!x.empty() && blank(x.front()))
    x.remove_prefix(1);
  while (!x.empty() && blank(x.back()))
    x.remove_suffix(1);
  return x;
}

/// Returns a client's address without its port, in each form that
/// `request::remote` and `X-Forwarded-For` have: `1.2.3.4`, `1.2.3.4:80`,
/// `[::1]:80`, `[::1]` or `::1`. Without brackets.
[[nodiscard]] std::string_view without_port(std::string_view address) noexcept;

/// Shortens a text for a message: at most `most` bytes of it and `...`, never
/// cut inside a code point.
[[nodiscard]] std::string clipped(std::string_view text,
                                  std::size_t most = max_echo_bytes);

/// Quotes a client's text for a message, clipped: `'text'`.
[[nodiscard]] std::string quoted(std::string_view text,
                                 std::size_t most = max_echo_bytes);

} // namespace troupe
