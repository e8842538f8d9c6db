#include "troupe/http/server/changes/apply_change.hpp"

#include "troupe/actors/table/conflict_error.hpp"
#include "troupe/http/admin/admin_spec.hpp"
#include "troupe/http/admin/worker_changes.hpp"
#include "troupe/http/around/admin_key.hpp"
#include "troupe/http/builtins/builtins.hpp"
#include "troupe/http/server/library_origin.hpp"
#include "troupe/http/server/server_parts.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

/// Runs what a link planned; the link hears of it when it was made.
json carry_out(server_parts& parts, planned_change plan) {
  json answer{{"differences", std::move(plan.differences)}};
  if (!plan.change.empty())
    parts.apply(std::move(plan.change));
  if (plan.made)
    plan.made();
  return answer;
}

/// Waits for the turn, plans with the link and makes the change.
template <class F>
json by_link(server_parts& parts, const std::string& what, F&& plan) {
  return parts.changing(what, [&] {
    try {
      return carry_out(parts, plan(*parts.changes.link));
    } catch (const config_refused& e) {
      throw http_error(422,
                       json{{"message", e.what()}, {"errors", e.faults()}});
    }
  });
}

std::string named_model(const char* what, const std::string& name) {
  return std::string{what}.append(" of model \"").append(name).append("\"");
}

json put_model(server_parts& parts, const request& req) {
  const std::string name{req.param("name")};
  const std::string entry{req.bytes()};
  return by_link(parts, named_model("the PUT", name),
                 [&](auto& link) { return link.put_model(name, entry); });
}

json delete_model(server_parts& parts, const request& req) {
  const std::string name{req.param("name")};
  return parts.changing(named_model("the removal", name), [&] {
    const auto all = parts.rt().models();
    if (std::none_of(all.begin(), all.end(),
                     [&](const auto& x) { return x.options.name == name; }))
      throw http_error(404, "no model \"" + name + "\" is served");
    planned_change plan;
    if (parts.changes.link != nullptr)
      plan = parts.changes.link->remove_model(name);
    plan.change.removed_models = {name};
    plan.differences = {"models." + name + ": removed"};
    return carry_out(parts, std::move(plan));
  });
}

} // namespace

server_options merged_options(const server_options& now, server_options next) {
  static_cast<listen_options&>(next) = static_cast<const listen_options&>(now);
  next.admin.enabled = now.admin.enabled;
  next.admin.origin = now.admin.origin;
  next.cluster = now.cluster;
  next.caf = now.caf;
  const auto level = next.log.level;
  next.log = now.log;
  next.log.level = level;
  next.telemetry = now.telemetry;
  next.limits.memory_budget_bytes = now.limits.memory_budget_bytes;
  next.limits.max_connections = now.limits.max_connections;
  next.limits.max_connections_per_address =
    now.limits.max_connections_per_address;
  return next;
}

bool changes_middleware(const server_options& now, const server_options& next) {
  auto of_cors = [](const cors_options& x) {
    return std::tie(x.allow_origins, x.allow_methods, x.allow_headers,
                    x.expose_headers, x.allow_credentials, x.max_age);
  };
  auto of_rate = [](const rate_limit_options& x) {
    return std::tie(x.per_second, x.burst, x.key_header, x.max_clients);
  };
  auto same_probes = true;
  for (const auto& x : builtin_table)
    same_probes = same_probes && now.builtins[x.id] == next.builtins[x.id];
  return of_cors(now.cors) != of_cors(next.cors)
         || of_rate(now.rate_limit) != of_rate(next.rate_limit) || !same_probes;
}

std::shared_ptr<front_shared>
server_parts::changed_front(const server_options& next) {
  auto result = make_shared_front(next);
  result->bodies = changes.front->bodies;
  if (!changes_middleware(options, next))
    result->middleware = changes.front->middleware;
  return result;
}

void server_parts::apply(server_change x) {
  runtime_change next;
  auto opts = options;
  if (x.options) {
    opts = merged_options(options, std::move(*x.options));
    if (auto why = opts.validate(); !why.empty())
      throw std::invalid_argument(why);
    next.table.emplace();
    next.table->on_conflict = opts.on_conflict;
    next.table->ignore_case = opts.paths.ignore_case;
    next.timeout = opts.timeout;
    next.builtins = builtin_entries(opts);
    if (changes.front != nullptr)
      next.front = changed_front(opts);
  }
  for (auto* list : {&x.models, &x.kept_models})
    for (auto& m : *list) {
      complete_model_origin(m.options.origin, m.options.name);
      require_admin_key(opts, m.options);
    }
  next.start_models = std::move(x.models);
  next.keep_models = std::move(x.kept_models);
  next.remove_models = std::move(x.removed_models);
  for (auto& s : x.specs) {
    complete_spec_origin(s.origin, s.spec->name());
    require_admin_key(opts, *s.spec, s.origin);
    next.start_specs.push_back({std::move(s.spec), std::move(s.origin)});
  }
  next.remove_specs = std::move(x.removed_specs);
  next.ready_timeout = x.ready_timeout;
  auto front = std::static_pointer_cast<const front_shared>(next.front);
  try {
    rt().apply(std::move(next));
  } catch (const conflict_error&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw start_error(e.what());
  }
  options = std::move(opts);
  logs.level(options.log.level);
  if (front != nullptr)
    changes.front = std::move(front);
  if (changes.view != nullptr)
    changes.view->show(options);
}

std::shared_ptr<ordered_change> server_parts::order_reload() {
  return changes.runner->order("a reload", [this]() -> json {
    try {
      auto answer =
        by_link(*this, "a reload", [](auto& x) { return x.reload(); });
      std::string what = "reloaded: ";
      const auto& list = answer["differences"];
      what += list.empty() ? std::string{"nothing has changed"} : list.dump();
      log(log_level::info, what);
      return answer;
    } catch (const http_error& e) {
      std::string why = "not reloaded: ";
      why += e.why().detail.value("message", "refused");
      log(log_level::error, why);
      throw;
    } catch (const std::exception& e) {
      log(log_level::error, std::string{"not reloaded: "}.append(e.what()));
      throw;
    }
  });
}

void server_parts::watch_config() {
  if (changes.link == nullptr || changes.link->watch_interval().count() == 0)
    return;
  auto reload = [this] {
    try {
      log(log_level::info,
          "files of the config have changed: reading it again");
      order_reload();
    } catch (const std::exception& e) {
      log(log_level::warning, std::string{"not reloaded: "}.append(e.what()));
    }
  };
  changes.watch.emplace(
    changes.link->watch_interval(), changes.stamp,
    [source = changes.link] { return source->stamp(); }, std::move(reload));
}

std::shared_ptr<spec> server_parts::make_admin_spec() {
  changes.view = std::make_shared<server_view>(options, rt(), *system);
  admin_hooks hooks;
  hooks.board = rt().board();
  hooks.models = [this] { return rt_->models(); };
  hooks.table = [this] { return rt_->snapshot(); };
  hooks.topology = [view = changes.view] { return view->topology(); };
  hooks.drain = [this] { stop_request.notify(); };
  hooks.changes = changes.runner;
  if (changes.link != nullptr)
    hooks.patch_rest = [this](const std::string& name, const json& rest) {
      by_link(*this, named_model("a PATCH", name),
              [&](auto& x) { return x.patch_model(name, rest); });
    };
  else
    hooks.patches.push_back(
      workers_patch([this](const std::string& model, worker_range workers) {
        changing(named_model("the workers", model),
                 [&] { scale(model, workers); });
      }));
  auto result = std::make_shared<admin_spec>(std::move(hooks));
  add_revive_endpoint(*result, [this](const std::string& model) {
    try {
      changing(named_model("the revival", model), [&] { revive(model); });
    } catch (const start_error& e) {
      // There is nothing to do.
      throw http_error(409, e.what());
    }
  });
  auto name_of = [](const char* what) {
    return [what](const request& req) {
      return named_model(what, std::string{req.param("name")});
    };
  };
  result->serve_change(
    method::del, "/admin/models/{name}", name_of("the removal"),
    [this](const request& req) { return delete_model(*this, req); });
  if (changes.link == nullptr)
    return result;
  result->serve_change(
    method::put, "/admin/models/{name}", name_of("the PUT"),
    [this](const request& req) { return put_model(*this, req); });
  result->serve(method::get, "/admin/config",
                [source = changes.link](const request&, context&) {
                  return source->document();
                });
  result->serve_reload([this] { return order_reload(); });
  return result;
}

} // namespace troupe
