#pragma once

#include "troupe/specs/values/request.hpp"

#include <cstdint>

namespace troupe {

/// Marks an input, so that one that ends worker after worker is recognised:
/// equal for requests with the same path and body, in this process. The low 16
/// bits are those of the body's size, so that most others need no hash.
/// @returns 0 for an input that cannot be told from others, such as a body that
///          the model has moved away
[[nodiscard]] std::uint64_t input_mark(const request& x);

/// Returns whether the request has that mark.
[[nodiscard]] bool has_mark(const request& x, std::uint64_t mark);

} // namespace troupe
