#pragma once

#include <optional>
#include <string_view>

namespace troupe {

/// Where a request goes: `uri-host [ ":" port ]` (RFC 9110 section 7.2).
struct host_and_port {
  /// An IP literal has its brackets.
  std::string_view host;
  /// "" when there is none.
  std::string_view port;
};

/// Splits the value of `Host`, or the authority of a target. The host is a
/// name, an IPv4 address, or an IPv6 or later address in brackets (RFC 3986
/// section 3.2.2); the port is a number up to 65535, or empty.
/// @returns nothing for anything else, such as user information or a zone.
[[nodiscard]] std::optional<host_and_port>
parse_host(std::string_view text) noexcept;

/// Returns the authority of an absolute form (RFC 9112 section 3.2.2), or
/// nothing for another form.
[[nodiscard]] std::optional<std::string_view>
authority_of(std::string_view target) noexcept;

} // namespace troupe
