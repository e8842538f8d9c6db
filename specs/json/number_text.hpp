#pragma once

#include <cstddef>

namespace troupe::json_text {

/// What the longest number takes as text, and more.
inline constexpr std::size_t most_number_bytes = 64;

/// Writes a number with the fewest digits that are read back as the same, in
/// the form that nlohmann's serializer gives it: `1.0`, `-0.25`, `1e+20`.
/// @param out has room for `most_number_bytes`
/// @pre x is finite
/// @returns the end of what it wrote
char* write_number(char* out, double x) noexcept;

} // namespace troupe::json_text
