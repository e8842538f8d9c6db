#include "troupe/cli/make_server.hpp"

#include <utility>

namespace troupe {

namespace {

/// Flattens CAF's options to what its own parser reads: full names, and
/// values in its notation (a scheduler's policy is an atom, not a string).
void flatten(const nlohmann::json& x, const std::string& name,
             std::vector<std::pair<std::string, std::string>>& out) {
  if (x.is_object()) {
    for (const auto& [key, value] : x.items()) {
      auto full = name;
      if (!full.empty())
        full += '.';
      flatten(value, full.append(key), out);
    }
  } else if (name == "scheduler.policy" && x.is_string()) {
    out.emplace_back(name, '\'' + x.get<std::string>() + '\'');
  } else {
    out.emplace_back(name, x.dump());
  }
}

} // namespace

std::unique_ptr<server> make_server(loaded_config&& config) {
  flatten(config.caf, {}, config.server.caf);
  auto result = std::make_unique<server>(std::move(config.server));
  for (auto& definition : config.models)
    result->add(std::move(definition));
  for (auto& entry : config.specs)
    result->add(std::move(entry.spec), std::move(entry.origin));
  return result;
}

} // namespace troupe
