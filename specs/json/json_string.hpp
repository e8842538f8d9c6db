#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// Appends a JSON string with its quotes, without a document: byte for byte
/// what `dump_json` makes of this text. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

} // namespace troupe
