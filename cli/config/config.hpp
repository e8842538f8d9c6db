#pragma once

#include "troupe/cli/config/config_source.hpp"
#include "troupe/cli/config/diagnostic.hpp"
#include "troupe/cli/specs/spec_registry.hpp"
#include "troupe/http/options.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What a config says, checked and ready to be served.
struct loaded_config {
  struct spec_entry {
    std::shared_ptr<troupe::spec> spec;
    /// Where it was declared, for messages.
    entry_origin origin;
  };

  server_options server = {};
  std::vector<model_definition> models = {};
  std::vector<spec_entry> specs = {};
  /// Whether the config says which port to listen on.
  bool says_port = false;
  /// Options of the C++ Actor Framework; an object, not looked into.
  nlohmann::json caf = nlohmann::json::object();
  /// The files of models, by their names, after versions were chosen.
  std::map<std::string, std::filesystem::path> files = {};
  /// The libraries of its plugins, by how it names them.
  std::map<std::string, std::filesystem::path> plugins = {};
  /// How often to look for changes of files; zero means never.
  std::chrono::milliseconds watch{0};
  /// What was read, with what the command line says; never null.
  std::shared_ptr<const config_source> source = {};
};

/// Reads a config file. Loads no model and binds nothing. API keys come from
/// the environment.
/// @param overrides are applied in their order
/// @throws config_error with every error found
loaded_config load_config(const std::string& path,
                          const std::vector<config_override>& overrides,
                          const model_registry& models,
                          const spec_registry& specs);

/// The same for a config that was read already.
/// @param beside_others whether models that it does not have may be served
/// beside it:
///        then nobody looks whether pipelines find those that they ask
loaded_config load_config(config_source source,
                          const std::vector<config_override>& overrides,
                          const model_registry& models,
                          const spec_registry& specs,
                          bool beside_others = false);

} // namespace troupe
