#include "troupe/http/admin/worker_changes.hpp"

#include "troupe/http/admin/model_document.hpp"
#include "troupe/http/admin/model_endpoints.hpp"

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

constexpr std::int64_t most_workers = 1024;

std::size_t read_count(const json& x) {
  if (!x.is_number_integer())
    throw std::invalid_argument("expected an integer from 1 to 1024, or an "
                                "object with \"min\" and \"max\"");
  // A number that is too large becomes negative and is refused as well.
  const auto n = x.get<std::int64_t>();
  if (n < 1 || n > most_workers)
    throw std::invalid_argument("expected from 1 to 1024 workers");
  return static_cast<std::size_t>(n);
}

/// Says what is wrong with a value of `workers` for a model, or "".
std::string check_workers_of(const model_definition& model, const json& x) {
  if (model.pipeline)
    return "a pipeline has no workers of its own; scale the models that it "
           "asks";
  try {
    auto options = model.options;
    options.workers.range(read_workers(x));
    return options.validate();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
}

} // namespace

json show_workers(worker_range x) {
  if (x.min == x.max)
    return x.min;
  return {{"min", x.min}, {"max", x.max}};
}

worker_range read_workers(const json& x) {
  if (!x.is_object()) {
    const auto n = read_count(x);
    return {n, n};
  }
  worker_range result;
  auto has_max = false;
  for (const auto& [key, value] : x.items()) {
    if (key == "min") {
      result.min = read_count(value);
    } else if (key == "max") {
      result.max = read_count(value);
      has_max = true;
    } else {
      throw std::invalid_argument("unknown key \"" + key
                                  + "\", expected \"min\" and \"max\"");
    }
  }
  if (!has_max)
    throw std::invalid_argument("the key \"max\" is missing");
  if (result.max < result.min)
    throw std::invalid_argument(
      "expected a \"max\" that is not less than \"min\"");
  return result;
}

admin_patch
workers_patch(std::function<void(const std::string&, worker_range)> apply) {
  return {"workers", check_workers_of,
          [apply = std::move(apply)](const std::string& model, const json& x) {
            apply(model, read_workers(x));
          }};
}

void add_revive_endpoint(admin_spec& to,
                         std::function<void(const std::string&)> revive) {
  to.serve_change(
    method::post, "/admin/models/{name}/revive",
    [](const request& req) {
      return "the revival of model \"" + std::string{req.param("name")} + '"';
    },
    [hooks = to.hooks(), revive = std::move(revive)](const request& req) {
      const auto model = registered_model(hooks, req.param("name"));
      revive(model.options.name);
      return describe_model(model, *hooks.board, hooks.table());
    });
}

} // namespace troupe
