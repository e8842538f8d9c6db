#pragma once

#include <string>
#include <string_view>

namespace troupe::load {

/// Where requests go: the parts of an `http` or `https` URL (RFC 3986).
struct target {
  bool tls = false;
  /// A name or an address; an IPv6 address without its brackets.
  std::string host;
  std::string port;
  /// What the Host field says: with the port unless it is the scheme's own.
  std::string authority;
  /// Path and query, as they were written; `/` when there was none.
  std::string path;

  /// `127.0.0.1:8000/predict` is taken as `http`. With `templates`, path and
  /// query may have places such as `{{n}}`, which stay as they are.
  /// @throws std::invalid_argument with what is wrong and an example.
  static target parse(std::string_view url, bool templates = false);
};

} // namespace troupe::load
