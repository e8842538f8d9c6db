#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::worker {

/// An array of numbers as it lies in memory: little-endian, row-major.
struct raw_tensor {
  std::string_view dtype;
  std::vector<std::size_t> shape;
  std::string_view bytes;
};

/// Appends an array as nested JSON arrays; numbers have as many digits as their
/// type needs to be read back.
/// @throws protocol_error for a type that is not known, or bytes that do not
/// fit
///         the shape
/// @throws std::domain_error for a NaN or an infinity, which JSON cannot write
void append_tensor(std::string& out, const raw_tensor& x);

} // namespace troupe::worker
