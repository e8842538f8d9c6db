#pragma once

#include "troupe/cli/config/reload/config_difference.hpp"

#include <chrono>
#include <string>

namespace troupe {

/// Where a server runs.
struct server_address {
  std::string host = {};
  std::string port = {};
  /// Before `/admin/config`; without a `/` at its end.
  std::string prefix = {};
};

/// Takes `http://HOST:PORT` apart, with a path or without.
/// @throws std::invalid_argument
server_address parse_server_url(const std::string& url);

/// Asks a running server which config it serves.
/// @param key the admin key
/// @throws std::runtime_error when it does not answer
served_config ask_for_config(const server_address& at, const std::string& key,
                             std::chrono::milliseconds timeout);

} // namespace troupe
