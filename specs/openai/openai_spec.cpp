#include "troupe/specs/openai/openai_spec.hpp"

#include "troupe/specs/openai/chat/chat.hpp"
#include "troupe/specs/openai/chat/completions.hpp"
#include "troupe/specs/openai/embeddings/embeddings.hpp"
#include "troupe/specs/openai/wire/catalog.hpp"
#include "troupe/specs/openai/wire/error.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

std::vector<std::string> all_names(const openai_options& options) {
  auto result = openai::catalog{options.model, options.aliases}.names();
  openai::catalog embeddings{options.embeddings, options.embedding_aliases};
  for (const auto& x : embeddings.names())
    if (std::find(result.begin(), result.end(), x) == result.end())
      result.push_back(x);
  return result;
}

json describe(const std::string& name, std::int64_t created,
              const std::string& owner) {
  return {{"id", name},
          {"object", "model"},
          {"created", created},
          {"owned_by", owner}};
}

} // namespace

openai_spec::openai_spec(openai_options options, std::string name)
  : spec(std::move(name)) {
  if (auto why = options.validate(); !why.empty())
    throw std::invalid_argument("openai_spec: " + why);
  render_error = openai::render_error;
  error_scope = "/v1";
  endpoint declared;
  declared.access = options.access;
  declared.on_conflict = options.on_conflict;
  if (!options.model.empty()) {
    post(options.chat_path, openai::chat_handler(options), declared);
    post("/v1/completions", openai::completion_handler(options), declared);
  }
  if (!options.embeddings.empty())
    post(options.embeddings_path, openai::embeddings_handler(options),
         declared);
  auto names = all_names(options);
  auto list = json::array();
  for (const auto& x : names)
    list.push_back(describe(x, options.clock(), options.owned_by));
  get(
    "/v1/models",
    [list](const auto&, auto&) {
      return json{{"object", "list"}, {"data", list}};
    },
    declared);
  auto one_model = declared;
  one_model.takes_encoded_slash = true;
  get(
    "/v1/models/{id...}",
    [list, names](const request& req, auto&) {
      auto i = std::find(names.begin(), names.end(), req.param("id"));
      if (i == names.end())
        throw openai::model_not_found(req.param("id"), names);
      return list[static_cast<std::size_t>(i - names.begin())];
    },
    one_model);
}

} // namespace troupe
