#include "troupe/cli/config/keys/plugin_keys.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/models/plugin/load_plugin.hpp"
#include "troupe/specs/json/json.hpp"

#include <system_error>
#include <utility>

namespace troupe {

namespace {

/// Adds the types of a plugin, or throws that one is taken.
void add_types(std::vector<plugin_model> models,
               const std::filesystem::path& file, known_models& to) {
  for (const auto& x : models) {
    if (to.registry.find(x.type) == nullptr)
      continue;
    auto other = to.origins.find(x.type);
    throw plugin_error(file.string() + " has a model of the type "
                       + dump_json(x.type) + ", which is taken by "
                       + (other != to.origins.end() ? other->second.string()
                                                    : "a type that is built in")
                       + "; give it another name");
  }
  for (auto& x : models) {
    to.origins[x.type] = file;
    to.registry.add(std::move(x.type), std::move(x.factory));
  }
}

} // namespace

known_models load_plugins(const config_source& source,
                          const config_draft& draft, const model_registry& own,
                          config_diagnostics& errors) {
  known_models result;
  result.registry = own;
  std::map<std::filesystem::path, std::string> seen;
  for (std::size_t i = 0; i < draft.plugins.size(); ++i) {
    const auto& name = draft.plugins[i];
    const auto here = child("/plugins", i);
    // As the user knows it; a worker in a process finds it from there, too.
    const auto file = (source.directory() / name).lexically_normal();
    std::error_code ec;
    const auto [first, is_new] =
      seen.emplace(std::filesystem::weakly_canonical(file, ec), here);
    if (!is_new) {
      errors.value(here, "is the same library as "
                           + source.value_origin(first->second).where
                           + "; name it once");
      continue;
    }
    try {
      add_types(open_plugin(file), file, result);
      result.plugins[name] = file;
    } catch (const plugin_error& e) {
      errors.value(here, e.what());
    }
  }
  return result;
}

} // namespace troupe
