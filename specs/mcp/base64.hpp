#pragma once

#include <string>
#include <string_view>

namespace troupe::mcp {

/// Encodes bytes with the standard alphabet and padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);

} // namespace troupe::mcp
