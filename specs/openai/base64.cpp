#include "troupe/specs/openai/base64.hpp"

#include <bit>
#include <cstdint>

namespace troupe::openai {

std::string to_base64(std::string_view bytes) {
  constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8U
             | (k < group.size() ? static_cast<std::uint8_t>(group[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      result += k <= group.size() ? digits[bits >> (18 - 6 * k) & 0x3FU] : '=';
  }
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

} // namespace troupe::openai
