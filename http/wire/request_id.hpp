#pragma once

#include <cstddef>
#include <string_view>

namespace troupe {

/// Bytes of the longest id that is taken from a client.
inline constexpr std::size_t max_request_id = 128;

/// Returns whether a client's text may be the id of its request: visible ASCII
/// without quotes and backslashes, so that it stands in a header, in JSON and
/// in a log line as it is; from 1 to `max_request_id` bytes.
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;

} // namespace troupe
