#include "troupe/actors/runtime/registry.hpp"

#include "troupe/specs/pipeline/pipeline_checks.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

/// Makes the bound that the endpoint asks for.
void bound(table_entry& x) {
  if (auto most = x.endpoint.max_concurrency; most > 0)
    x.bound = std::make_shared<admission>(most);
}

std::vector<table_entry> entries_of(const registry::spec_entry& x,
                                    std::uint32_t target_index) {
  std::vector<table_entry> result;
  const auto& routes = x.spec->routes();
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    table_entry e;
    e.endpoint = routes[i].endpoint;
    e.endpoint.pattern = x.spec->prefix + e.endpoint.pattern;
    e.kind = x.spec->is_route() ? endpoint_kind::route : endpoint_kind::spec;
    e.owner = x.spec->name();
    e.origin = x.origin;
    if (!routes[i].origin.empty())
      e.origin.where = routes[i].origin;
    e.render_error = x.spec->render_error;
    if (!x.spec->error_scope.empty())
      e.error_scope = x.spec->prefix + x.spec->error_scope;
    e.target_index = target_index;
    e.endpoint_index = i;
    if (e.endpoint.max_concurrency == 0)
      e.endpoint.max_concurrency = x.spec->max_concurrency;
    bound(e);
    result.push_back(std::move(e));
  }
  return result;
}

table_entry entry_of(const model_definition& definition,
                     std::uint32_t target_index) {
  const auto& options = definition.options;
  table_entry e;
  e.endpoint.methods = {method::post};
  e.endpoint.pattern = options.predict.value_or(std::string{});
  e.endpoint.access = options.access;
  e.endpoint.max_body_bytes = options.max_body_bytes;
  e.endpoint.timeout = options.timeout;
  e.endpoint.max_concurrency = options.queue.max_concurrency;
  e.endpoint.on_conflict = options.on_conflict;
  e.kind = endpoint_kind::predict;
  e.owner = options.name;
  e.origin = options.origin;
  e.target_index = target_index;
  bound(e);
  return e;
}

[[noreturn]] void refuse(const model_options& x, const std::string& why) {
  throw std::invalid_argument("model \"" + x.name + "\": " + why);
}

void check_cache(const model_definition& x) {
  if (auto error = x.cache.validate(); !error.empty())
    refuse(x.options, error);
  if (!x.cache.enabled())
    return;
  if (x.streaming && !x.whole_answers)
    refuse(x.options, "cache: the model yields a stream, and streams are not "
                      "kept; take the cache out");
  if (x.authorizes_late)
    refuse(x.options,
           "cache: an authorize that is not static runs in the worker, which a "
           "kept answer never reaches; make it static");
}

/// Refuses options about workers, which a pipeline does not have.
void check_pipeline(const model_options& x) {
  if (x.execution == execution_mode::process)
    refuse(x, "execution: a pipeline cannot run in a process of its own; its "
              "models can: set their execution");
  if (x.queue.orders())
    refuse(x,
           "queue: a pipeline has no queue that could be ordered; set it for "
           "its models");
  if (const auto& keep = x.restart.supervision;
      keep.keep_alive.count() > 0 || keep.load != load_time::start)
    refuse(x, "keep_alive and load: a pipeline has no workers that could be "
              "unloaded; set them for its models");
  if (x.nodes.enabled)
    refuse(x, "nodes.enabled: a pipeline has no workers; set it for its "
              "models");
}

} // namespace

void registry::check(const model_definition& definition) {
  const auto& options = definition.options;
  if (auto error = options.validate(); !error.empty())
    throw std::invalid_argument("model \"" + options.name + "\": " + error);
  check_cache(definition);
  if (definition.pipeline)
    check_pipeline(definition.options);
  if (options.restart.unhealthy_after.count() > 0 && !definition.has_health)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": restart.unhealthy_after_ms: has no effect on a model without "
        "health()");
  if (options.batch.max_size > 1 && !definition.batched)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": batch.max_size > 1 needs a predict that takes a batch, e.g. "
        "std::vector<double> predict(std::span<const double> xs)");
  if (options.execution == execution_mode::process && !definition.has_processes)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": execution \"process\" needs a model whose type the program knows "
        "by name, because the new process makes it; add the type to a "
        "model_registry and run the program with run_program, or use execution "
        "\"dedicated\"");
  if (options.execution == execution_mode::inlined && definition.continuous)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": a model with admit and step takes its thread for itself while "
        "requests are live and cannot run inline; use execution \"dedicated\"");
  if (options.execution == execution_mode::inlined && definition.streaming)
    throw std::invalid_argument(
      "model \"" + options.name
      + "\": a streaming predict waits for its reader and cannot run inline; "
        "use execution \"dedicated\"");
}

void registry::check_pipelines(const model_definition* with,
                               const std::string& without) const {
  std::vector<const model_definition*> added;
  if (with != nullptr)
    added.push_back(with);
  std::vector<std::string> removed;
  if (!without.empty())
    removed.push_back(without);
  check_pipelines(added, removed);
}

void registry::check_pipelines(const std::vector<const model_definition*>& with,
                               const std::vector<std::string>& without) const {
  auto all = with;
  for (const auto& m : models_) {
    const auto& name = m.options.name;
    if (std::find(without.begin(), without.end(), name) == without.end()
        && std::none_of(with.begin(), with.end(),
                        [&](const auto* x) { return x->options.name == name; }))
      all.push_back(&m);
  }
  const auto faults = troupe::check_pipelines(all);
  if (faults.empty())
    return;
  const auto& first = faults.front();
  if (with.empty() && without.size() == 1)
    throw std::invalid_argument("the pipeline \"" + first.model
                                + "\" asks the model \"" + without.front()
                                + "\"; remove or replace the pipeline first");
  auto text = "pipeline \"" + first.model + "\": ";
  if (!first.where.empty())
    text += first.where + ": ";
  throw std::invalid_argument(text + first.what);
}

void registry::check_name_of_model(const std::string& name) const {
  if (std::any_of(models_.begin(), models_.end(),
                  [&](const auto& m) { return m.options.name == name; }))
    throw std::invalid_argument("two models are called \"" + name
                                + "\"; names are unique");
}

void registry::check_name_of_spec(const std::string& name,
                                  const entry_origin& origin) const {
  auto first = std::find_if(specs_.begin(), specs_.end(), [&](const auto& x) {
    return x.spec->name() == name;
  });
  if (first == specs_.end())
    return;
  auto message = "two specs are called \"" + name + '"';
  if (!origin.where.empty() && !first->origin.where.empty())
    message += ", at " + first->origin.where + " and " + origin.where;
  throw std::invalid_argument(
    message + "; names are unique: give one of them another name or prefix");
}

void registry::add_builtin(table_entry entry) {
  entry.kind = endpoint_kind::builtin;
  entry.owner = "troupe";
  builtins_.push_back(std::move(entry));
}

model_definition* registry::find_model(const std::string& name) {
  auto i = std::find_if(models_.begin(), models_.end(),
                        [&](const auto& m) { return m.options.name == name; });
  return i != models_.end() ? &*i : nullptr;
}

registry::spec_entry* registry::find_spec(const std::string& name) {
  auto i = std::find_if(specs_.begin(), specs_.end(),
                        [&](const auto& x) { return x.spec->name() == name; });
  return i != specs_.end() ? &*i : nullptr;
}

void registry::builtins(std::vector<table_entry> xs) {
  builtins_.clear();
  for (auto& x : xs)
    add_builtin(std::move(x));
}

bool registry::has_spec(const std::string& name) const {
  return std::any_of(specs_.begin(), specs_.end(),
                     [&](const auto& x) { return x.spec->name() == name; });
}

void registry::remove_model(const std::string& name) {
  std::erase_if(models_, [&](const auto& m) { return m.options.name == name; });
}

void registry::remove_spec(const std::string& name) {
  std::erase_if(specs_, [&](const auto& x) { return x.spec->name() == name; });
}

table_change registry::addition_of(const model_definition& definition) {
  table_change result;
  result.targets.resize(1);
  if (definition.options.predict)
    result.add = {entry_of(definition, 0)};
  return result;
}

table_change registry::addition_of(const spec_entry& x) {
  table_change result;
  result.targets.resize(1);
  result.add = entries_of(x, 0);
  return result;
}

table_change registry::everything() const {
  table_change result;
  result.add = builtins_;
  std::uint32_t target_index = 0;
  for (const auto& m : models_) {
    if (m.options.predict)
      result.add.push_back(entry_of(m, target_index));
    ++target_index;
  }
  for (const auto& x : specs_) {
    auto entries = entries_of(x, target_index++);
    std::move(entries.begin(), entries.end(), std::back_inserter(result.add));
  }
  result.targets.resize(target_index);
  return result;
}

} // namespace troupe
