#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace troupe {

/// Parses `X-Request-Timeout`: seconds as a decimal number above 0, at most a
/// day. @returns nothing for anything else: signs, exponents, spaces, zero.
std::optional<std::chrono::milliseconds>
parse_request_timeout(std::string_view text) noexcept;

} // namespace troupe
