#include "troupe/cli/specs/add_forward_spec.hpp"

#include "troupe/cli/specs/spec_model.hpp"
#include "troupe/models/option_reader.hpp"
#include "troupe/specs/endpoint/pattern.hpp"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

class forward_spec final : public spec {
public:
  explicit forward_spec(std::string name) : spec(std::move(name)) {
    // It only says which model answers.
    execution = handler_execution::inlined;
  }
};

method_set read_methods(const std::string& where,
                        const std::vector<std::string>& names) {
  method_set result;
  for (const auto& x : names) {
    auto found = method_from(x);
    if (found == method::unknown || found == method::options)
      throw model_config_error(where, "expected GET, HEAD, POST, PUT, PATCH or "
                                      "DELETE, got \""
                                        + x + '"');
    result.add(found);
  }
  if (names.empty())
    throw model_config_error(where, "expected at least one method");
  return result;
}

void add_endpoint(forward_spec& out, const std::string& where, const json& x,
                  endpoint declared, const std::string& model) {
  std::vector<std::string> methods{"POST"};
  option_reader{x, where}
    .read("path", declared.pattern)
    .read("methods", methods)
    .read("max_body_bytes", declared.max_body_bytes)
    .done();
  declared.methods = read_methods(where + ".methods", methods);
  try {
    static_cast<void>(parse_pattern(declared.pattern));
  } catch (const std::invalid_argument& e) {
    throw model_config_error(where + ".path", e.what());
  }
  out.add(std::move(declared),
          [model](const auto&, auto&) { return call_model(model); });
}

std::shared_ptr<spec> make_forward(const spec_config& config) {
  std::vector<json> endpoints;
  endpoint declared;
  declared.on_conflict = config.on_conflict;
  std::string access_text{to_string(declared.access)};
  option_reader{config.options}
    .read("endpoints", endpoints)
    .read("access", access_text)
    .done();
  declared.access = read_access(access_text);
  if (config.model.empty())
    throw model_config_error("model",
                             "expected the name of the model that answers");
  require_model("model", config.model, declared.access, config);
  if (endpoints.empty())
    throw model_config_error("options.endpoints",
                             R"(expected at least one, e.g. {"path": "/ping", )"
                             R"("methods": ["GET"]})");
  auto name = "forward " + config.prefix + config.model;
  auto result = std::make_shared<forward_spec>(std::move(name));
  for (std::size_t i = 0; i < endpoints.size(); ++i)
    add_endpoint(*result, "options.endpoints." + std::to_string(i),
                 endpoints[i], declared, config.model);
  return result;
}

} // namespace

void add_forward_spec(spec_registry& registry) {
  registry.add("forward", make_forward);
}

} // namespace troupe
