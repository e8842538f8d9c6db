#pragma once

#include "troupe/specs/values/headers.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace troupe::mcp {

/// The header that names a session (MCP 2025-03-26 to 2025-11-25, transports,
/// session management).
inline constexpr auto session_header = "Mcp-Session-Id";

/// Makes an id that nobody can guess: 128 random bits, in hexadecimal digits.
/// Nothing is kept of it. It only says which requests are one client's, so any
/// server behind the same address takes it, also after a restart.
std::string new_session();

/// Returns the session that a request names, or "".
/// @param id of the request, for the error
/// @throws rpc_error (404) for a name that `new_session` does not make: the
///         client then begins a new one. 400 for several.
std::string session_of(const header_map& headers, const nlohmann::json& id);

/// Names a request of a session among the running ones: the string `"1"` is
/// another id than the number 1. "" without a session: nobody else could tell
/// whose it is.
std::string running_name(const std::string& session, const nlohmann::json& id);

} // namespace troupe::mcp
