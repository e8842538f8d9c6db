#pragma once

#include "troupe/models/plugin/plugin_abi.hpp"
#include "troupe/models/registry.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

/// A plugin that cannot be loaded; `what()` says why and what to do.
class plugin_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Loads a shared library that was made with `TROUPE_MODEL` and returns its
/// model types, sorted. Its ABI tag is compared before anything of C++ crosses.
/// A library whose tag fits stays loaded to the end of the process, also when
/// this throws after all: loading it again gives the same library, and not a
/// file that took its place. Thread-safe.
/// @throws plugin_error when there is no such file, the system cannot load it,
///         it is not a plugin, was built against another Troupe, its `on_load`
///         throws, it offers a type twice, or was loaded before and has changed
///         on disk
std::vector<plugin_model> open_plugin(const std::filesystem::path& file);

/// The same, and adds the types to a registry; all of them, or none.
/// @returns the names of the types, sorted
/// @throws plugin_error also for a type that the registry has
std::vector<std::string> load_plugin(const std::filesystem::path& file,
                                     model_registry& registry);

} // namespace troupe
