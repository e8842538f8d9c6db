#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Writes pieces of JSON text without a document.
namespace troupe::worker {

/// Appends a string with its quotes; bytes that are not UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

/// Appends a whole number.
void append_number(std::string& out, std::uint64_t x);

} // namespace troupe::worker
