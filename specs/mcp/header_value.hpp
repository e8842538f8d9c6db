#pragma once

#include "troupe/specs/values/headers.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace troupe::mcp {

/// Decodes the value of `Mcp-Name` or `Mcp-Param-*`: plain ASCII, or
/// `=?base64?...?=` (MCP 2026-07-28, streamable HTTP, value encoding). Returns
/// nothing for any other text.
std::optional<std::string> decode_header_value(std::string_view value);

/// Returns a header that came at most once, so that intermediaries read it as
/// we do.
/// @param id of the request, for the error
/// @throws rpc_error for one that came more often
std::optional<std::string_view> single_header(const header_map& headers,
                                              std::string_view name,
                                              const nlohmann::json& id);

/// @throws rpc_error (header mismatch) for the header of a request
[[noreturn]] void refuse_header(std::string_view name, const std::string& why,
                                const nlohmann::json& id);

/// Checks that a header is there once and has this value.
/// @throws rpc_error
void require_header(const header_map& headers, std::string_view name,
                    std::string_view expected, const nlohmann::json& id);

/// As `require_header`, for a value that may be encoded.
/// @throws rpc_error
void require_encoded_header(const header_map& headers, std::string_view name,
                            std::string_view expected,
                            const nlohmann::json& id);

} // namespace troupe::mcp
