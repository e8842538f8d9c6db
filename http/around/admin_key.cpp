#include "troupe/http/around/admin_key.hpp"

#include <stdexcept>

namespace troupe {

namespace {

/// Without HTTP nobody is asked for a key.
bool lacks_admin_key(const server_options& options, access who) {
  return who == access::admin && options.listen && options.admin_key().empty();
}

[[noreturn]] void refuse(const std::string& pattern, const std::string& where) {
  throw std::invalid_argument(
    pattern + " at " + where
    + ": the access \"admin\" needs an admin key, and the server has none; set "
      "server_options::admin.key (in a config, the variable that "
      "server.admin.api_key_env names), or use access::key");
}

} // namespace

void require_admin_key(const server_options& options, const endpoint& x,
                       const std::string& where) {
  if (lacks_admin_key(options, x.access))
    refuse(x.pattern, where);
}

void require_admin_key(const server_options& options, const model_options& x) {
  if (x.predict && lacks_admin_key(options, x.access))
    refuse(*x.predict, x.origin.where);
}

void require_admin_key(const server_options& options, const spec& x,
                       const entry_origin& origin) {
  for (const auto& route : x.routes())
    if (lacks_admin_key(options, route.endpoint.access))
      refuse(x.prefix + route.endpoint.pattern,
             route.origin.empty() ? origin.where : route.origin);
}

} // namespace troupe
