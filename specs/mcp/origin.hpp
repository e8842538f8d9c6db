#pragma once

#include <string_view>

namespace troupe::mcp {

/// Returns whether an `Origin` (RFC 6454 section 7) is a page of this machine:
/// `http` or `https`, and the host `localhost`, `127.*` or `[::1]`.
[[nodiscard]] bool is_loopback_origin(std::string_view origin) noexcept;

} // namespace troupe::mcp
