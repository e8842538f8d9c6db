#include "troupe/specs/base64.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace troupe {

std::string to_base64(std::string_view bytes) {
  constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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
