#include "troupe/specs/text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace troupe {

namespace {

/// What may follow a lead byte (Unicode 15, table 3-7).
struct lead {
  /// Of the whole code point; 0 for a byte that leads none.
  std::size_t length;
  /// Bounds of the second byte; the others are 80..BF.
  std::uint8_t least;
  std::uint8_t most;
};

lead lead_of(std::uint8_t c) noexcept {
  if (c < 0x80)
    return {1, 0, 0};
  if (c < 0xC2 || c > 0xF4)
    return {0, 0, 0};
  if (c < 0xE0)
    return {2, 0x80, 0xBF};
  if (c < 0xF0)
    return {3, static_cast<std::uint8_t>(c == 0xE0 ? 0xA0 : 0x80),
            static_cast<std::uint8_t>(c == 0xED ? 0x9F : 0xBF)};
  return {4, static_cast<std::uint8_t>(c == 0xF0 ? 0x90 : 0x80),
          static_cast<std::uint8_t>(c == 0xF4 ? 0x8F : 0xBF)};
}

/// Returns how many bytes at the beginning fit together, at most `x.length`.
std::size_t fitting(std::string_view bytes, const lead& x) noexcept {
  std::size_t n = 1;
  for (; n < std::min(x.length, bytes.size()); ++n) {
    auto c = static_cast<std::uint8_t>(bytes[n]);
    auto [least, most] = n == 1
                           ? std::pair{x.least, x.most}
                           : std::pair{std::uint8_t{0x80}, std::uint8_t{0xBF}};
    if (c < least || c > most)
      break;
  }
  return n;
}

} // namespace

utf8_step first_code_point(std::string_view bytes) noexcept {
  auto first = static_cast<std::uint8_t>(bytes.front());
  auto x = lead_of(first);
  auto n = fitting(bytes, x);
  if (n != x.length)
    return {n, false, 0};
  // A lead byte has a bit for each byte and a zero before its share.
  auto code = static_cast<char32_t>(n == 1 ? first : first & (0x7F >> n));
  for (std::size_t i = 1; i < n; ++i)
    code = code << 6 | (static_cast<std::uint8_t>(bytes[i]) & 0x3F);
  return {n, true, code};
}

std::size_t code_point_length(std::string_view text) noexcept {
  if (text.empty())
    return 0;
  auto step = first_code_point(text);
  return step.valid ? step.size : 0;
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    if (static_cast<std::uint8_t>(bytes.front()) < 0x80) {
      bytes.remove_prefix(1);
      continue;
    }
    auto step = first_code_point(bytes);
    if (!step.valid)
      return false;
    bytes.remove_prefix(step.size);
  }
  return true;
}

std::size_t count_code_points(std::string_view text) noexcept {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void append_code_point(std::string& out, std::uint32_t x) {
  auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  auto tail = [&](unsigned shift) { put(0x80U | (x >> shift & 0x3FU)); };
  if (x < 0x80) {
    put(x);
  } else if (x < 0x800) {
    put(0xC0U | x >> 6U);
    tail(0);
  } else if (x < 0x10000) {
    put(0xE0U | x >> 12U);
    tail(6);
    tail(0);
  } else {
    put(0xF0U | x >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

void utf8_assembler::push(std::string_view bytes, std::string& out) {
  begun_ += bytes;
  std::string_view rest = begun_;
  while (!rest.empty()) {
    auto x = lead_of(static_cast<std::uint8_t>(rest.front()));
    auto n = fitting(rest, x);
    if (n < x.length && n == rest.size())
      break;
    out += n == x.length ? rest.substr(0, n) : replacement_character;
    rest.remove_prefix(n);
  }
  begun_.erase(0, begun_.size() - rest.size());
}

void utf8_assembler::push(std::string& text) {
  // Most pieces are.
  if (begun_.empty() && is_utf8(text))
    return;
  std::string whole;
  push(text, whole);
  text = std::move(whole);
}

void utf8_assembler::finish(std::string& out) {
  if (!begun_.empty())
    out += replacement_character;
  begun_.clear();
}

} // namespace troupe
