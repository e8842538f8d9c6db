#pragma once

#include "troupe/http/options.hpp"
#include "troupe/specs/values/request.hpp"

#include <optional>
#include <string_view>

namespace troupe {

/// Checks whether a request may use an endpoint of that class. The key comes
/// as `X-API-Key` or `Authorization: Bearer`; one right key is enough, whatever
/// else is there. Comparing takes the same time wherever the keys differ.
/// @returns the refusal (401), or nothing.
std::optional<failure> check_access(access who, const request& req,
                                    const server_options& options);

/// Compares in a time that does not show where the texts differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view lhs,
                                          std::string_view rhs) noexcept;

} // namespace troupe
