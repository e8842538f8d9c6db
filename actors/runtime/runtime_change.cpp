#include "troupe/actors/runtime/runtime_change.hpp"

#include "troupe/actors/cache/response_cache.hpp"
#include "troupe/actors/runtime/asking.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/actors/runtime/worker_orders.hpp"
#include "troupe/actors/supervision/scale/scale_care.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Appends a change with one target to one with many.
void append_part(table_change& to, table_change part) {
  const auto offset = static_cast<std::uint32_t>(to.targets.size());
  for (auto& e : part.add) {
    e.target_index += offset;
    to.add.push_back(std::move(e));
  }
  std::move(part.targets.begin(), part.targets.end(),
            std::back_inserter(to.targets));
}

[[noreturn]] void refuse_name(const char* what, const std::string& name,
                              const char* why) {
  throw std::invalid_argument(
    std::string{what}.append(" \"").append(name).append("\" ").append(why));
}

} // namespace

table_change runtime_change::to_table() const {
  table_change result;
  result.remove_models = remove_models;
  result.remove_specs = remove_specs;
  for (const auto* list : {&start_models, &keep_models})
    for (const auto& x : *list) {
      result.remove_models.push_back(x.options.name);
      append_part(result, registry::addition_of(x));
    }
  for (const auto* list : {&start_specs, &keep_specs})
    for (const auto& x : *list) {
      result.remove_specs.push_back(x.spec->name());
      append_part(result, registry::addition_of(x));
    }
  result.options = table;
  result.front = front;
  if (builtins) {
    result.remove_builtins = true;
    result.add.insert(result.add.begin(), builtins->begin(), builtins->end());
  }
  return result;
}

void runtime::complete(runtime_change& x) {
  std::set<std::string> models;
  std::set<std::string> specs;
  for (const auto* list : {&x.start_models, &x.keep_models})
    for (const auto& m : *list) {
      registry::check(m);
      if (!models.insert(m.options.name).second)
        refuse_name("model", m.options.name, "is in the change twice");
    }
  for (const auto& m : x.keep_models) {
    const auto* old = registry_.find_model(m.options.name);
    if (old == nullptr)
      refuse_name("model", m.options.name, "is not served");
    if (old->options.workers.range() != m.options.workers.range()
        && !why_not_scaled(*old).empty())
      refuse_name("model", m.options.name,
                  "has workers whose number cannot be changed while it serves");
  }
  for (const auto& name : x.remove_models)
    if (registry_.find_model(name) == nullptr || !models.insert(name).second)
      refuse_name("model", name,
                  "cannot be removed: it is not served, or the "
                  "change has it twice");
  for (const auto& s : x.start_specs)
    if (!specs.insert(s.spec->name()).second)
      refuse_name("spec", s.spec->name(), "is in the change twice");
  for (const auto& name : x.remove_specs)
    if (!registry_.has_spec(name) || !specs.insert(name).second)
      refuse_name("spec", name,
                  "cannot be removed: it is not served, or the "
                  "change has it twice");
  std::vector<const model_definition*> with;
  for (const auto* list : {&x.start_models, &x.keep_models})
    for (const auto& m : *list)
      with.push_back(&m);
  registry_.check_pipelines(with, x.remove_models);
  if (!x.timeout || *x.timeout == options_.timeout)
    return;
  for (const auto& m : registry_.models())
    if (!m.options.timeout && !models.contains(m.options.name))
      x.keep_models.push_back(m);
  for (const auto& s : registry_.specs())
    if (!specs.contains(s.spec->name()))
      x.keep_specs.push_back(s);
}

route_target runtime::kept_target(const model_definition& x) const {
  const auto& options = x.options;
  auto result = *cell_->load()->find_model(options.name);
  result.limits = options.limits;
  result.limits.timeout = options.timeout.value_or(options_.timeout);
  result.heartbeat = options.heartbeat;
  return result;
}

route_target runtime::kept_target(const registry::spec_entry& x) const {
  auto before = cell_->load();
  auto i = std::find_if(before->targets.begin(), before->targets.end(),
                        [&](const auto& t) {
                          return !t.spec.empty() && t.owner == x.spec->name();
                        });
  if (i == before->targets.end())
    refuse_name("spec", x.spec->name(), "is not served");
  auto result = *i;
  result.limits.timeout = options_.timeout;
  return result;
}

std::vector<route_target> runtime::start_all(const runtime_change& x) {
  std::vector<route_target> result;
  const auto end = steady_clock::now() + x.ready_timeout;
  std::vector<std::pair<std::string, std::shared_ptr<model_state>>> awaited;
  for (const auto& m : x.start_models) {
    result.push_back(start_model(m, true));
    // Workers on other machines are not waited for.
    if (m.options.workers > 0)
      awaited.emplace_back("model \"" + m.options.name + '"',
                           result.back().state);
  }
  for (const auto& m : x.keep_models)
    result.push_back(kept_target(m));
  for (const auto& s : x.start_specs) {
    result.push_back(start_spec(s.spec, true));
    if (result.back().state != nullptr)
      awaited.emplace_back("spec \"" + s.spec->name() + '"',
                           result.back().state);
  }
  for (const auto& s : x.keep_specs)
    result.push_back(kept_target(s));
  std::string faults;
  for (const auto& [what, state] : awaited) {
    auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    auto why = board_->wait_for(*state, std::max(left, milliseconds{0}));
    if (!why)
      continue;
    if (!faults.empty())
      faults += "; ";
    faults.append(what).append(" did not become ready: ").append(*why);
  }
  if (!faults.empty())
    throw std::runtime_error(faults);
  return result;
}

/// Brings board and registry up to the table that serves.
void runtime::take_over(runtime_change& x,
                        const std::vector<route_target>& targets,
                        const snapshot_ptr& before) {
  auto show = [this](const std::shared_ptr<model_state>& old,
                     const std::shared_ptr<model_state>& next) {
    if (next == nullptr || next == old)
      return;
    if (old != nullptr)
      board_->replace(old, next);
    else
      board_->add(next);
  };
  auto state_of_owner = [&](const std::string& name, bool is_model) {
    for (const auto& t : before->targets)
      if (t.owner == name && t.spec.empty() == is_model)
        return t.state;
    return std::shared_ptr<model_state>{};
  };
  std::unique_lock guard{registry_mutex_};
  auto target = targets.begin();
  for (auto* list : {&x.start_models, &x.keep_models})
    for (auto& m : *list) {
      show(state_of_owner(m.options.name, true), (target++)->state);
      if (auto* old = registry_.find_model(m.options.name))
        *old = std::move(m);
      else
        registry_.add(std::move(m));
    }
  for (auto* list : {&x.start_specs, &x.keep_specs})
    for (auto& s : *list) {
      show(state_of_owner(s.spec->name(), false), (target++)->state);
      if (auto* old = registry_.find_spec(s.spec->name()))
        *old = std::move(s);
      else
        registry_.add(std::move(s));
    }
  for (const auto& name : x.remove_models)
    registry_.remove_model(name);
  for (const auto& name : x.remove_specs)
    registry_.remove_spec(name);
  if (x.builtins)
    registry_.builtins(std::move(*x.builtins));
}

void runtime::check_table(table_change change) {
  auto verdict = ask<change_verdict>(
    system_, "no new table", table_, atom::check_v,
    table_change_ptr{std::make_shared<table_change>(std::move(change))});
  if (verdict.refused)
    std::rethrow_exception(verdict.refused);
}

void runtime::publish_table(std::vector<route_target> targets) {
  auto all = std::make_shared<std::vector<route_target>>(std::move(targets));
  ask<snapshot_ptr>(system_, "no new table", table_, atom::publish_v,
                    route_targets_ptr{std::move(all)});
}

void runtime::apply(runtime_change x) {
  if (!serving())
    throw std::invalid_argument("the server does not run");
  complete(x);
  const auto before = cell_->load();
  check_table(x.to_table());
  const auto timeout = options_.timeout;
  options_.timeout = x.timeout.value_or(timeout);
  try {
    auto targets = start_all(x);
    // Nothing of it serves when the server ends meanwhile.
    if (board_->phase() != server_phase::serving)
      throw std::runtime_error("the server is stopping");
    publish_table(targets);
    for (std::size_t i = 0; i < x.keep_models.size(); ++i) {
      const auto& target = targets[x.start_models.size() + i];
      resize_queue(x.keep_models[i].options, target);
      follow_workers(x.keep_models[i].options);
      // It begins calls of its own.
      if (target.cache != nullptr)
        target.cache->limits(target.limits);
    }
    if (x.table)
      options_.table = *x.table;
    take_over(x, targets, before);
    checked_ = nullptr;
  } catch (...) {
    options_.timeout = timeout;
    throw;
  }
}

void runtime::follow_workers(const model_options& next) {
  const auto* old = registry_.find_model(next.name);
  if (old->options.workers.range() != next.workers.range())
    order_workers(system_, supervisor_, old, next.name, next.workers.range());
}

/// What workers added to the bound stays in it.
void runtime::resize_queue(const model_options& next,
                           const route_target& target) {
  const auto* old = registry_.find_model(next.name);
  const auto was = old->options.queue.max_size;
  const auto is = next.queue.max_size;
  if (is > was)
    target.admission->grow(is - was);
  else if (is < was)
    target.admission->shrink(was - is);
}

} // namespace troupe
