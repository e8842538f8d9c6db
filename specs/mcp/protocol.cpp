#include "troupe/specs/mcp/protocol.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/mcp/header_value.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace troupe::mcp {

namespace {

using nlohmann::json;

constexpr std::string_view modern_version = "2026-07-28";

/// The newest first. 2024-11-05 is not among them: its HTTP transport is
/// another one, with an event stream that the server keeps open.
constexpr std::array<std::string_view, 3> legacy_versions{
  "2025-11-25", "2025-06-18", "2025-03-26"};

/// The only one that has batches, and the last that has no header for it.
constexpr std::string_view batch_version = "2025-03-26";

constexpr auto version_key = "io.modelcontextprotocol/protocolVersion";
constexpr auto client_key = "io.modelcontextprotocol/clientInfo";
constexpr auto capabilities_key = "io.modelcontextprotocol/clientCapabilities";
constexpr auto version_header = "MCP-Protocol-Version";

bool is_legacy(std::string_view version) {
  return std::find(legacy_versions.begin(), legacy_versions.end(), version)
         != legacy_versions.end();
}

/// Returns a member of `_meta`, or null.
const json* meta(const message& msg, const char* key) {
  auto i = msg.params.find("_meta");
  if (i == msg.params.end() || !i->is_object())
    return nullptr;
  auto j = i->find(key);
  return j == i->end() ? nullptr : &*j;
}

[[noreturn]] void refuse_version(const message& msg, std::string_view version) {
  throw rpc_error(
    unsupported_version, "Unsupported protocol version", msg.id, 400,
    {{"supported", supported_versions()}, {"requested", clipped(version)}});
}

/// The modern era answers 400 to a request that lacks a required member.
[[noreturn]] void refuse_meta(const message& msg, const char* key,
                              const char* expected, const json* got) {
  throw rpc_error(
    invalid_params,
    "Invalid params: _meta[\"" + std::string{key} + "\"] is "
      + (got == nullptr ? "missing" : std::string{type_name(*got)})
      + ", expected " + expected,
    msg.id, 400);
}

/// Of a message that wants no answer, and has no `_meta` that we need.
era era_of_other(const message& msg, std::optional<std::string_view> header) {
  if (!header || is_legacy(*header))
    return era::legacy;
  if (*header != modern_version)
    refuse_version(msg, *header);
  if (msg.kind == message_kind::response)
    throw rpc_error(
      invalid_request,
      "Invalid Request: a response, but the server asked nothing");
  return era::modern;
}

} // namespace

json supported_versions() {
  auto result = json::array({modern_version});
  for (auto x : legacy_versions)
    result.push_back(x);
  return result;
}

std::string_view agreed_version(std::string_view asked) {
  return is_legacy(asked) ? asked : legacy_versions.front();
}

era era_of(const message& msg, const header_map& headers) {
  auto header = headers.find(version_header);
  if (msg.kind != message_kind::request)
    return era_of_other(msg, header);
  const auto* declared = meta(msg, version_key);
  if (declared == nullptr) {
    // The version that is agreed on stands in the header of what follows.
    if (!header || is_legacy(*header) || msg.method == "initialize")
      return era::legacy;
    if (*header != modern_version)
      refuse_version(msg, *header);
    refuse_meta(msg, version_key, "a string", nullptr);
  }
  if (!declared->is_string())
    refuse_meta(msg, version_key, "a string", declared);
  const auto& version = declared->get_ref<const std::string&>();
  if (!header && is_legacy(version))
    return era::legacy;
  require_header(headers, version_header, version, msg.id);
  if (is_legacy(version))
    return era::legacy;
  if (version != modern_version)
    refuse_version(msg, version);
  if (const auto* x = meta(msg, capabilities_key); !x || !x->is_object())
    refuse_meta(msg, capabilities_key, "an object", x);
  if (const auto* x = meta(msg, client_key); x && !x->is_object())
    refuse_meta(msg, client_key, "an object", x);
  return era::modern;
}

void check_batch_version(const header_map& headers) {
  auto header = headers.find(version_header);
  if (!header || *header == batch_version)
    return;
  if (*header != modern_version && !is_legacy(*header))
    refuse_version({}, *header);
  throw rpc_error(invalid_request,
                  "Invalid Request: a batch, which MCP does not have since "
                  "2025-06-18; send each message in a POST of its own");
}

void check_standard_headers(const message& msg, const header_map& headers) {
  require_header(headers, "Mcp-Method", msg.method, msg.id);
  if (msg.method != "tools/call")
    return;
  // A name that is not a string is refused later, with the params.
  if (auto i = msg.params.find("name"); i != msg.params.end() && i->is_string())
    require_encoded_header(headers, "Mcp-Name",
                           i->get_ref<const std::string&>(), msg.id);
}

json complete_result(json result, const json& server_info) {
  result["resultType"] = "complete";
  result["_meta"][server_info_key] = server_info;
  return result;
}

} // namespace troupe::mcp
