#include "troupe/http/options.hpp"

#include "troupe/specs/values/headers.hpp"

#include <filesystem>
#include <system_error>

namespace troupe {

std::string server_options::validate() const {
  if (host.empty())
    return "host: an address to bind, e.g. 127.0.0.1 or 0.0.0.0";
  if (io_threads == 0 || io_threads > 256)
    return "io_threads: from 1 to 256";
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
    return "limits.spool_dir: no directory: \"" + limits.spool_dir + '"';
  if (shutdown.endpoint_enabled && shutdown.endpoint_key.empty())
    return "shutdown: the endpoint needs a key of its own; set the variable "
           "that shutdown.api_key_env names";
  if (!is_token(request_id_header))
    return "request_id_header: not the name of a header: \"" + request_id_header
           + '"';
  if (trusted_proxies.empty() && names_addresses(rate_limit.key_header))
    return "rate_limit.key_header: clients write X-Forwarded-For as they like, "
           "and so escape the limit; name the proxies in front in "
           "trusted_proxies, and the client's address is right without a "
           "key_header";
  for (auto text : {cors.validate(), rate_limit.validate(), gzip.validate(),
                    check_trusted_proxies(trusted_proxies),
                    check_allowed_hosts(allowed_hosts)})
    if (!text.empty())
      return text;
  return {};
}

} // namespace troupe
