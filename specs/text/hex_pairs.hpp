#pragma once

#include "troupe/specs/text/text.hpp"

#include <array>
#include <cstddef>

namespace troupe {

/// The two hexadecimal digits of each byte, in lower case: for texts that every
/// request has.
inline constexpr auto hex_pairs = [] {
  std::array<std::array<char, 2>, 256> result{};
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = {lower_hex_digits[i / 16], lower_hex_digits[i % 16]};
  return result;
}();

} // namespace troupe
