#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// Which bytes may stand where in a message (RFC 9110 section 5.6.2, RFC 9112
/// sections 3 and 5).
namespace troupe::byte_class {

/// In a token: methods and field names.
inline constexpr std::uint8_t token = 1;
/// In a field value: no control characters but the tab.
inline constexpr std::uint8_t field = 2;
/// In a request target: visible ASCII.
inline constexpr std::uint8_t target = 4;

inline constexpr auto table = [] {
  std::array<std::uint8_t, 256> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    auto c = static_cast<char>(i);
    if (i > 0x20 && i < 0x7F)
      result[i] |= target;
    if ((i >= 0x20 && i != 0x7F) || c == '\t')
      result[i] |= field;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (i != 0
            && std::string_view{"!#$%&'*+-.^_`|~"}.find(c)
                 != std::string_view::npos))
      result[i] |= token;
  }
  return result;
}();

constexpr bool is(char c, std::uint8_t classes) noexcept {
  return (table[static_cast<unsigned char>(c)] & classes) != 0;
}

/// @returns the first byte that is of none of the classes, or `last`
constexpr const char* skip(const char* p, const char* last,
                           std::uint8_t classes) noexcept {
  while (p != last && is(*p, classes))
    ++p;
  return p;
}

} // namespace troupe::byte_class
