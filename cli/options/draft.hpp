#pragma once

#include "troupe/cli/specs/spec_registry.hpp"
#include "troupe/http/options.hpp"
#include "troupe/models/registry.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// A config as its keys say it, before names are looked up: types, models,
/// environment variables.
struct config_draft {
  /// Read even if the config names no variable; while it is unset, no key is
  /// asked for.
  static constexpr const char* default_api_key_env = "TROUPE_API_KEY";

  /// Where the admin key is looked for; one of them is enough.
  static constexpr const char* default_admin_key_env = "TROUPE_ADMIN_KEY";
  static constexpr const char* default_shutdown_key_env = "TROUPE_SHUTDOWN_KEY";

  /// The same for the secret of a cluster.
  static constexpr const char* default_cluster_secret_env =
    "TROUPE_CLUSTER_SECRET";

  struct server_entry {
    server_options options = {};
    /// The variable that holds `options.api_key`.
    std::string api_key_env = default_api_key_env;
    /// The variable that holds `options.admin.key`.
    std::string admin_key_env = default_admin_key_env;
    /// How often files are looked at; zero means never.
    std::chrono::milliseconds watch{0};
    /// The variable that holds `options.shutdown.endpoint_key`.
    std::string shutdown_key_env = default_shutdown_key_env;
    /// The variable that holds `options.cluster.secret`.
    std::string cluster_secret_env = default_cluster_secret_env;
  };

  struct model_entry {
    model_options options = {};
    model_config config = {};
    cache_options cache = {};
    /// Of a `path` that is a folder of versions; empty for the highest.
    std::string version = {};
    /// `process.env`, an object.
    nlohmann::json env = nlohmann::json::object();
    /// `process.cpu_affinity`, e.g. `0-3,8`.
    std::string cpu_affinity = {};
  };

  server_entry server = {};
  /// Shared libraries with models, relative to the config file.
  std::vector<std::string> plugins = {};
  std::vector<model_entry> models = {};
  std::vector<spec_config> specs = {};
  nlohmann::json caf = nlohmann::json::object();
};

} // namespace troupe
