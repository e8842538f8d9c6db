#include "troupe/http/options.hpp"

#include "troupe/http/caf_options.hpp"
#include "troupe/http/key_text.hpp"
#include "troupe/specs/values/headers.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace troupe {

namespace {

/// Whether HTTP or this server gives a field of that name a meaning of its own,
/// so that an id in it would be mistaken for something else.
bool has_a_meaning(std::string_view name) {
  constexpr std::array<std::string_view, 20> known{
    "Allow",          "Authorization",     "Connection", "Content-Encoding",
    "Content-Length", "Content-Type",      "Cookie",     "Date",
    "Host",           "Keep-Alive",        "Location",   "Retry-After",
    "Server",         "Set-Cookie",        "Trailer",    "Transfer-Encoding",
    "Upgrade",        "X-Request-Timeout", "X-API-Key",  "WWW-Authenticate"};
  return std::any_of(known.begin(), known.end(),
                     [&](auto x) { return iequals(x, name); });
}

/// What is wrong with a key for requests, or "".
std::string check_key(const std::string& name, const std::string& key,
                      std::size_t max_header_bytes) {
  if (key.empty())
    return {};
  if (auto fault = key_fault(key); !fault.empty())
    return name + ": the key " + fault;
  // Request line, the fields that every client sends, the key's own name.
  constexpr std::size_t rest = 128;
  if (key.size() + rest > max_header_bytes)
    return name + ": a key of " + std::to_string(key.size())
           + " bytes does not fit a header section of "
           + std::to_string(max_header_bytes) + " (limits.max_header_bytes)";
  return {};
}

} // namespace

std::string server_options::validate() const {
  if (host.empty())
    return "host: an address to bind, e.g. 127.0.0.1 or 0.0.0.0";
  if (io_threads == 0 || io_threads > 256)
    return "io_threads: from 1 to 256";
  if (auto why = cluster.validate(); !why.empty())
    return why;
  if (timeout.count() < 0)
    return "timeout_ms: not negative (0 means none)";
  if (limits.max_header_bytes < 256 || limits.max_header_bytes > 60'000)
    return "limits.max_header_bytes: from 256 to 60000";
  if (limits.max_header_count == 0)
    return "limits.max_header_count: at least 1";
  if (limits.stream_buffer_bytes == 0)
    return "limits.stream_buffer_bytes: at least 1";
  if (limits.max_connections == 0)
    return "limits.max_connections: at least 1";
  if (std::error_code ec;
      !limits.spool_dir.empty()
      && !std::filesystem::is_directory(limits.spool_dir, ec))
    return "limits.spool_dir: there is no directory \"" + limits.spool_dir
           + '"';
  if (shutdown.endpoint_enabled && admin_key().empty())
    return "shutdown: the endpoint needs a key of its own; set the variable "
           "that shutdown.api_key_env names";
  if (admin.enabled && listen && admin_key().empty())
    return "admin: the endpoints need the admin key; set admin.key, or the "
           "variable that admin.api_key_env names";
  if (!admin.key.empty() && !shutdown.endpoint_key.empty()
      && admin.key != shutdown.endpoint_key)
    return "admin: its key and that of shutdown differ, and a server has one "
           "admin key; set one of them, or both to the same";
  for (auto text : {check_key("api_key", api_key, limits.max_header_bytes),
                    check_key("admin.key", admin.key, limits.max_header_bytes),
                    check_key("shutdown.endpoint_key", shutdown.endpoint_key,
                              limits.max_header_bytes)})
    if (!text.empty())
      return text;
  if (has_a_meaning(request_id_header))
    return "request_id_header: " + request_id_header
           + " has a meaning of its own; expected another name, e.g. "
             "X-Request-Id";
  if (!is_token(request_id_header))
    return "request_id_header: not the name of a header: \"" + request_id_header
           + '"';
  if (peers.trusted_proxies.empty() && names_addresses(rate_limit.key_header))
    return "rate_limit.key_header: clients write X-Forwarded-For as they like, "
           "and so escape the limit; name the proxies in front in "
           "trusted_proxies, and the client's address is right without a "
           "key_header";
  if (iequals(rate_limit.key_header, "Forwarded"))
    return "rate_limit.key_header: clients write Forwarded as they like, and "
           "so "
           "escape the limit; let the proxy in front set a field of its own, "
           "e.g. X-Real-IP";
  for (auto text : {cors.validate(), rate_limit.validate(), gzip.validate(),
                    check_trusted_proxies(peers.trusted_proxies),
                    check_allowed_hosts(peers.allowed_hosts)})
    if (!text.empty())
      return text;
  if (auto text = telemetry.validate(); !text.empty())
    return text;
  if (auto text = check_caf_options(caf); !text.empty())
    return "caf." + text;
  return {};
}

} // namespace troupe
