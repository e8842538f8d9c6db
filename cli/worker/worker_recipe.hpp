#pragma once

#include "troupe/models/process/process_model.hpp"
#include "troupe/models/registry.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The command by which this program runs a worker, see `run_worker`.
inline constexpr const char* worker_command = "worker";

/// Returns how this program itself makes a model in a process of its own, by
/// the type's name.
/// @param plugin the library of the type; empty for one that is built in
process_recipe recipe_for(const model_config& config,
                          const process_options& options,
                          const std::filesystem::path& plugin = {});

/// The member of a start's `settings` that names the library.
inline constexpr const char* plugin_setting = "plugin";

/// Reads a list of processors, e.g. `0-3,8`; an empty text is none.
/// @throws std::invalid_argument
std::vector<unsigned> parse_processors(std::string_view text);

} // namespace troupe
