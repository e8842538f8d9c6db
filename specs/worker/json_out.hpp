#pragma once

#include <cstdint>
#include <string>

/// Writes pieces of JSON text without a document.
namespace troupe::worker {

/// Appends a whole number.
void append_number(std::string& out, std::uint64_t x);

} // namespace troupe::worker
