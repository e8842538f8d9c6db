#include "troupe/specs/input/base64.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace troupe {

namespace {

constexpr std::string_view alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string to_base64(std::string_view bytes) {
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group =
        group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      result += k <= n ? alphabet[group >> (18 - 6 * k) & 63U] : '=';
  }
  return result;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  auto padding = text.ends_with("==") ? 2UL : text.ends_with('=') ? 1UL : 0UL;
  auto digits = text.substr(0, text.size() - padding);
  std::string result;
  result.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (auto c : digits) {
    auto value = alphabet.find(c);
    if (value == std::string_view::npos)
      return std::nullopt;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      result += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  // What is left belongs to no byte, and is zero where we encoded.
  if ((bits & ((1U << held) - 1)) != 0)
    return std::nullopt;
  return result;
}

std::string floats_to_base64(const std::vector<double>& numbers) {
  std::string bytes;
  bytes.reserve(numbers.size() * 4);
  for (auto x : numbers) {
    auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(bits >> shift & 0xFFU);
  }
  return to_base64(bytes);
}

} // namespace troupe
