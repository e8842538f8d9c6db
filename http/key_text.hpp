#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// Returns why no client could send `key` in a header field (RFC 9110 section
/// 5.5), or "". The text continues a sentence that begins with the key's name
/// and does not show the key.
/// @pre `key` is not empty
std::string key_fault(std::string_view key);

} // namespace troupe
