#include "troupe/cli/specs/add_mcp_spec.hpp"

#include "troupe/cli/specs/spec_model.hpp"
#include "troupe/models/option_reader.hpp"
#include "troupe/specs/mcp/mcp_spec.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

mcp_tool read_tool(const std::string& where, const json& x) {
  mcp_tool result;
  option_reader{x, where}
    .read("name", result.name)
    .read("model", result.model)
    .read("title", result.title)
    .read("description", result.description)
    .read("input_schema", result.input_schema)
    .read("arguments", result.arguments)
    .read("output_schema", result.output_schema)
    .done();
  return result;
}

std::shared_ptr<spec> make_mcp(const spec_config& config) {
  if (!config.model.empty())
    throw model_config_error("model", "an mcp spec serves its tools' models; "
                                      "name this one in options.tools");
  mcp_options result;
  result.on_conflict = config.on_conflict;
  std::vector<json> tools;
  std::string access_text{to_string(result.access)};
  option_reader{config.options}
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
  require_valid(result.validate());
  for (std::size_t i = 0; i < result.tools.size(); ++i)
    require_model("options.tools." + std::to_string(i) + ".model",
                  result.tools[i].model, result.access, config);
  return std::make_shared<mcp_spec>(std::move(result));
}

} // namespace

void add_mcp_spec(spec_registry& registry) {
  registry.add("mcp", make_mcp);
}

} // namespace troupe
