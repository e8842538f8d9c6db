#include "troupe/specs/mcp/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace troupe::mcp {

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

} // namespace troupe::mcp
