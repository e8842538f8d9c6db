#pragma once

#include "troupe/cli/config/config_reader.hpp"
#include "troupe/models/registry.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace troupe {

/// The model types that a config may name, and its plugins.
struct known_models {
  /// The program's own and those of plugins.
  model_registry registry = {};
  /// The file that a type came from; none for the program's own.
  std::map<std::string, std::filesystem::path> origins = {};
  /// The files, by how the config names them.
  std::map<std::string, std::filesystem::path> plugins = {};
};

/// Loads the plugins of a config and reports those that cannot be loaded, with
/// the reason.
/// @param own the types of the program
known_models load_plugins(const config_source& source,
                          const config_draft& draft, const model_registry& own,
                          config_diagnostics& errors);

} // namespace troupe
