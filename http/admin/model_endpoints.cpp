#include "troupe/http/admin/model_endpoints.hpp"

#include "troupe/http/admin/model_document.hpp"
#include "troupe/specs/input/nearest.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

/// What a PATCH asks for.
struct patch_order {
  std::vector<std::pair<const admin_patch*, json>> own = {};
  /// For `admin_hooks::patch_rest`.
  json rest = json::object();
};

/// Sorts the keys of a body by what takes them: a patch, or the rest.
/// @throws http_error 422 with everything that is wrong
patch_order read_patch(const admin_hooks& hooks, const model_definition& model,
                       const json& document) {
  if (!document.is_object() || document.empty())
    throw http_error(422, "expected an object with the keys to change");
  std::vector<std::string> known;
  for (const auto& x : hooks.patches)
    known.push_back(x.key);
  patch_order result;
  auto faults = json::array();
  for (const auto& [key, value] : document.items()) {
    auto i = std::find(known.begin(), known.end(), key);
    if (i == known.end() && hooks.patch_rest) {
      result.rest[key] = value;
      continue;
    }
    std::string why = "PATCH cannot change it; it can change ";
    if (i == known.end()) {
      why += known.empty() ? "nothing here" : quoted_list(known);
    } else {
      const auto& patch =
        hooks.patches[static_cast<std::size_t>(i - known.begin())];
      why = patch.check(model, value);
      if (why.empty())
        result.own.emplace_back(&patch, value);
    }
    if (!why.empty())
      faults.push_back({{"loc", {key}}, {"msg", std::move(why)}});
  }
  if (!faults.empty())
    throw http_error(422, std::move(faults));
  return result;
}

json show_model(const admin_hooks& hooks, std::string_view name) {
  return describe_model(registered_model(hooks, name), *hooks.board,
                        hooks.table());
}

json patch_model(const admin_hooks& hooks, const request& req) {
  const std::string name{req.param("name")};
  const auto model = registered_model(hooks, name);
  const auto order = read_patch(hooks, model, req.json());
  if (!order.rest.empty())
    hooks.patch_rest(name, order.rest);
  for (const auto& [patch, value] : order.own)
    patch->apply(name, value);
  return show_model(hooks, name);
}

} // namespace

model_definition registered_model(const admin_hooks& hooks,
                                  std::string_view name) {
  auto all = hooks.models();
  std::vector<std::string> names;
  for (auto& x : all) {
    if (x.options.name == name)
      return std::move(x);
    names.push_back(x.options.name);
  }
  throw http_error(404, unknown_name("model", std::string{name}, names));
}

void add_model_endpoints(admin_spec& to) {
  const auto hooks = to.hooks();
  to.serve(method::get, "/admin/models", [hooks](const request&, context&) {
    auto list = json::array();
    const auto table = hooks.table();
    for (const auto& x : hooks.models())
      list.push_back(describe_model(x, *hooks.board, table));
    return json{{"models", std::move(list)}};
  });
  to.serve(method::get, "/admin/models/{name}",
           [hooks](const request& req, context&) {
             return show_model(hooks, req.param("name"));
           });
  to.serve_change(
    method::patch, "/admin/models/{name}",
    [](const request& req) {
      return "a PATCH of model \"" + std::string{req.param("name")} + '"';
    },
    [hooks](const request& req) { return patch_model(hooks, req); });
}

} // namespace troupe
