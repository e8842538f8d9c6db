#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace troupe {

/// Where a collector takes what is sent to it.
struct collector_url {
  bool tls = false;
  /// A name or an address, without brackets.
  std::string host = {};
  std::uint16_t port = 0;
  /// Begins with a slash.
  std::string path = {};
};

/// Reads a URL of `http` or `https`. @returns it, or what is wrong with it
[[nodiscard]] std::variant<collector_url, std::string>
parse_collector_url(std::string_view text);

} // namespace troupe
