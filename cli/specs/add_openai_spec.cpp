#include "troupe/cli/specs/add_openai_spec.hpp"

#include "troupe/cli/specs/spec_model.hpp"
#include "troupe/models/option_reader.hpp"
#include "troupe/specs/openai/openai_spec.hpp"

#include <string>
#include <utility>

namespace troupe {

namespace {

std::shared_ptr<spec> make_openai_spec(const spec_config& config) {
  openai_options options;
  options.model = config.model;
  options.on_conflict = config.on_conflict;
  std::string access_text{to_string(options.access)};
  option_reader{config.options}
    .read("aliases", options.aliases)
    .read("embeddings", options.embeddings)
    .read("embedding_aliases", options.embedding_aliases)
    .read("any_model", options.any_model)
    .read("chat_path", options.chat_path)
    .read("embeddings_path", options.embeddings_path)
    .read("max_n", options.max_n)
    .read("max_inputs", options.max_inputs)
    .read("calls_at_once", options.calls_at_once)
    .read("max_stream_bytes", options.max_stream_bytes)
    .read("truncate_dimensions", options.truncate_dimensions)
    .read("owned_by", options.owned_by)
    .read("access", access_text)
    .done();
  options.access = read_access(access_text);
  if (options.model.empty() && options.embeddings.empty())
    throw model_config_error("model", "expected the name of a model, here or "
                                      "in options.embeddings");
  for (const auto* key : {"max_n", "max_stream_bytes"})
    if (options.model.empty() && config.options.contains(key))
      throw model_config_error("options." + std::string{key},
                               "has no effect without \"model\"; set that, or "
                               "take this out");
  if (!options.model.empty())
    require_model("model", options.model, options.access, config);
  if (!options.embeddings.empty())
    require_model("options.embeddings", options.embeddings, options.access,
                  config);
  require_valid(options.validate());
  // Two of them can stand side by side only with different prefixes.
  auto name = config.prefix.empty() ? "openai" : "openai " + config.prefix;
  return std::make_shared<openai_spec>(std::move(options), name);
}

} // namespace

void add_openai_spec(spec_registry& registry) {
  registry.add("openai", make_openai_spec);
}

} // namespace troupe
