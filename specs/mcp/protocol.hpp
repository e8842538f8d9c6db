#pragma once

#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/values/headers.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

namespace troupe::mcp {

/// The two shapes of the protocol, as it calls them (2026-07-28, versioning).
enum class era : std::uint8_t {
  /// 2025-11-25 and earlier: `initialize` agrees on a version.
  legacy,
  /// 2026-07-28: each request names its version in `_meta`, and headers repeat
  /// parts of the body.
  modern,
};

/// The key under which each result of the modern era names the server.
inline constexpr auto server_info_key = "io.modelcontextprotocol/serverInfo";

/// The key by which the messages of a subscription name it.
inline constexpr auto subscription_key =
  "io.modelcontextprotocol/subscriptionId";

/// All versions that are served, of both eras, the newest first.
nlohmann::json supported_versions();

/// The version that `initialize` is answered with: the one that was asked for,
/// if it is served, else the newest of the legacy era.
std::string_view agreed_version(std::string_view asked);

/// Returns the era of a message, by the version that its `_meta` and the header
/// `MCP-Protocol-Version` name.
/// @throws rpc_error for a version that is not served, for a header that
///         differs from the body, and when `_meta` lacks what the modern era
///         requires
era era_of(const message& msg, const header_map& headers);

/// Checks that batches may be sent: 2025-03-26 has them, which is also the
/// version of a client that names none.
/// @throws rpc_error
void check_batch_version(const header_map& headers);

/// Checks that `Mcp-Method` and, for `tools/call`, `Mcp-Name` say what the body
/// says, so that an intermediary that routes by them routes what is executed.
/// @throws rpc_error
void check_standard_headers(const message& msg, const header_map& headers);

/// Makes a result of the modern era: complete, and with the server's name.
nlohmann::json complete_result(nlohmann::json result,
                               const nlohmann::json& server_info);

} // namespace troupe::mcp
