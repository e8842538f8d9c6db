#include "troupe/specs/mcp/origin.hpp"

#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/headers.hpp"

#include <algorithm>
#include <cstddef>

namespace troupe::mcp {

namespace {

/// Four numbers, the first of which is 127; not `127.example.com`.
bool is_loopback_v4(std::string_view host) noexcept {
  if (!host.starts_with("127."))
    return false;
  std::size_t dots = 0;
  std::size_t digits = 0;
  for (char c : host) {
    if (is_digit(c)) {
      ++digits;
    } else if (c == '.' && digits > 0) {
      ++dots;
      digits = 0;
    } else {
      return false;
    }
    if (digits > 3)
      return false;
  }
  return dots == 3 && digits > 0;
}

} // namespace

bool is_loopback_origin(std::string_view origin) noexcept {
  auto scheme = origin.find("://");
  if (scheme == std::string_view::npos
      || (!iequals(origin.substr(0, scheme), "http")
          && !iequals(origin.substr(0, scheme), "https")))
    return false;
  auto host = origin.substr(scheme + 3);
  auto port = host.rfind(':');
  // The colons of `[::1]` do not begin a port.
  if (port != std::string_view::npos && !host.ends_with(']')) {
    auto digits = host.substr(port + 1);
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
      return false;
    host = host.substr(0, port);
  }
  return iequals(host, "localhost") || host == "[::1]" || is_loopback_v4(host);
}

} // namespace troupe::mcp
