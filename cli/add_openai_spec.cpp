#include "troupe/cli/add_openai_spec.hpp"

#include "troupe/cli/nearest.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/openai/openai_spec.hpp"
#include "troupe/specs/validation.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

/// Reads options strictly: a key that nobody asked for is an error.
class option_reader {
public:
  explicit option_reader(const nlohmann::json& options) : options_(&options) {
    // nop
  }

  template <class T>
  void read(const char* key, T& out) {
    known_.emplace_back(key);
    try {
      read_field_if(*options_, key, out);
    } catch (const validation_error& e) {
      throw model_config_error("options." + std::string{key}, e.message());
    }
  }

  void done() const {
    for (const auto& [key, value] : options_->items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        throw model_config_error("options." + key,
                                 unknown_name("option", key, known_));
  }

private:
  const nlohmann::json* options_;
  std::vector<std::string> known_;
};

void check_model(const std::string& where, const std::string& name,
                 const spec_config& config) {
  if (name.empty())
    return;
  std::vector<std::string> names;
  for (const auto& x : config.models) {
    names.push_back(x.name);
    if (x.name != name)
      continue;
    return;
  }
  throw model_config_error(where, unknown_name("model", name, names));
}

std::shared_ptr<spec> make_openai_spec(const spec_config& config) {
  openai_options options;
  options.model = config.model;
  options.on_conflict = config.on_conflict;
  option_reader reader{config.options};
  reader.read("aliases", options.aliases);
  reader.read("embeddings", options.embeddings);
  reader.read("embedding_aliases", options.embedding_aliases);
  reader.read("max_n", options.max_n);
  reader.read("max_inputs", options.max_inputs);
  reader.read("truncate_dimensions", options.truncate_dimensions);
  reader.read("owned_by", options.owned_by);
  reader.done();
  check_model("options.embeddings", options.embeddings, config);
  if (auto why = options.validate(); !why.empty()) {
    auto colon = why.find(": ");
    auto key = why.substr(0, colon);
    throw model_config_error(key == "model" ? key : "options." + key,
                             why.substr(colon + 2));
  }
  // Two of them can stand side by side only with different prefixes.
  auto name = config.prefix.empty() ? "openai" : "openai " + config.prefix;
  return std::make_shared<openai_spec>(std::move(options), name);
}

} // namespace

void add_openai_spec(spec_registry& registry) {
  registry.add("openai", make_openai_spec);
}

} // namespace troupe
