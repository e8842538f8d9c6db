#include "troupe/cli/add_mcp_spec.hpp"

#include "troupe/cli/nearest.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/mcp/mcp_spec.hpp"
#include "troupe/specs/validation.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

/// Reads an object of the config strictly: a key that nobody asked for is an
/// error.
class object_reader {
public:
  /// @param where the object's own place, e.g. `options.tools.0`
  object_reader(std::string where, const json& object)
    : where_(std::move(where)), object_(&object) {
    if (!object.is_object())
      throw model_config_error(where_, wrong_type("object", object).message());
  }

  template <class T>
  object_reader& read(const char* key, T& out) {
    known_.emplace_back(key);
    try {
      read_field_if(*object_, key, out);
    } catch (const validation_error& e) {
      throw model_config_error(where_ + '.' + key, e.message());
    }
    return *this;
  }

  void done() const {
    for (const auto& [key, value] : object_->items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        throw model_config_error(where_ + '.' + key,
                                 unknown_name("option", key, known_));
  }

private:
  std::string where_;
  const json* object_;
  std::vector<std::string> known_;
};

mcp_tool read_tool(const std::string& where, const json& x) {
  mcp_tool result;
  object_reader{where, x}
    .read("name", result.name)
    .read("model", result.model)
    .read("title", result.title)
    .read("description", result.description)
    .read("input_schema", result.input_schema)
    .read("output_schema", result.output_schema)
    .done();
  return result;
}

access read_access(const std::string& text) {
  for (auto x : {access::open, access::key, access::admin})
    if (text == to_string(x))
      return x;
  throw model_config_error("options.access",
                           "expected \"public\", \"key\" or \"admin\"");
}

/// A tool must not open a way around its model's key.
void check_model(const std::string& where, const mcp_tool& tool, access ours,
                 const spec_config& config) {
  std::vector<std::string> names;
  for (const auto& x : config.models) {
    names.push_back(x.name);
    if (x.name != tool.model)
      continue;
    if (x.access > ours)
      throw model_config_error(
        where + ".model",
        "the model's access is \"" + std::string{to_string(x.access)}
          + "\", that of this spec is \"" + std::string{to_string(ours)}
          + "\"; set options.access to \"" + std::string{to_string(x.access)}
          + '"');
    return;
  }
  throw model_config_error(where + ".model",
                           unknown_name("model", tool.model, names));
}

std::shared_ptr<spec> make_mcp(const spec_config& config) {
  if (!config.model.empty())
    throw model_config_error("model", "an mcp spec serves its tools' models; "
                                      "name this one in options.tools");
  mcp_options result;
  result.on_conflict = config.on_conflict;
  std::vector<json> tools;
  std::string access_text{to_string(result.access)};
  object_reader{"options", config.options}
    .read("name", result.name)
    .read("version", result.version)
    .read("instructions", result.instructions)
    .read("path", result.path)
    .read("access", access_text)
    .read("allowed_origins", result.allowed_origins)
    .read("max_stream_bytes", result.max_stream_bytes)
    .read("tools", tools)
    .done();
  result.access = read_access(access_text);
  for (std::size_t i = 0; i < tools.size(); ++i)
    result.tools.push_back(
      read_tool("options.tools." + std::to_string(i), tools[i]));
  if (auto why = result.validate(); !why.empty()) {
    auto colon = why.find(": ");
    throw model_config_error("options." + why.substr(0, colon),
                             why.substr(colon + 2));
  }
  for (std::size_t i = 0; i < result.tools.size(); ++i)
    check_model("options.tools." + std::to_string(i), result.tools[i],
                result.access, config);
  return std::make_shared<mcp_spec>(std::move(result));
}

} // namespace

void add_mcp_spec(spec_registry& registry) {
  registry.add("mcp", make_mcp);
}

} // namespace troupe
