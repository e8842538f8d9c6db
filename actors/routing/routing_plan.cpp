#include "troupe/actors/routing/routing_plan.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& x) {
  return std::find(names.begin(), names.end(), x) != names.end();
}

bool goes(const table_change& change, const table_entry& e) {
  switch (e.kind) {
    case endpoint_kind::predict:
      return contains(change.remove_models, e.owner);
    case endpoint_kind::spec:
    case endpoint_kind::route:
      return contains(change.remove_specs, e.owner);
    default:
      return change.remove_builtins;
  }
}

/// Whether two entries belong to the same model, spec, or to the program.
bool same_owner(const table_entry& a, const table_entry& b) {
  auto group = [](const table_entry& e) {
    return e.kind == endpoint_kind::predict || e.kind == endpoint_kind::builtin
             ? e.kind
             : endpoint_kind::spec;
  };
  return group(a) == group(b) && a.owner == b.owner;
}

/// Puts entries where the first of their owner's old ones stood, or after all
/// others.
std::vector<table_entry> in_their_places(const std::vector<table_entry>& old,
                                         std::vector<table_entry> added,
                                         const table_change& change) {
  std::vector<table_entry> result;
  auto take = [&](const table_entry& like) {
    for (auto& e : added)
      if (!e.endpoint.pattern.empty() && same_owner(e, like)) {
        result.push_back(std::move(e));
        e.endpoint.pattern.clear();
      }
  };
  for (const auto& e : old)
    if (goes(change, e))
      take(e);
    else
      result.push_back(e);
  for (auto& e : added)
    if (!e.endpoint.pattern.empty())
      result.push_back(std::move(e));
  return result;
}

bool goes(const table_change& change, const route_target& x) {
  return contains(x.spec.empty() ? change.remove_models : change.remove_specs,
                  x.owner);
}

} // namespace

snapshot_ptr routing_plan::build(std::uint64_t version) const {
  return std::make_shared<routing_snapshot>(
    routing_snapshot{version, build_table(), targets, front});
}

endpoint_table routing_plan::build_table() const {
  return endpoint_table::build(entries, options);
}

std::vector<std::uint32_t>
routing_plan::places(const table_change& change) const {
  std::vector<std::uint32_t> result;
  const auto size = change.targets.size();
  // The first is that of the built-ins.
  for (std::uint32_t i = 1; i < targets.size() && result.size() < size; ++i)
    if (targets[i].owner.empty() || goes(change, targets[i]))
      result.push_back(i);
  for (auto i = std::max<std::size_t>(targets.size(), 1); result.size() < size;
       ++i)
    result.push_back(static_cast<std::uint32_t>(i));
  return result;
}

routing_plan routing_plan::with(const table_change& change) const {
  auto result = *this;
  auto to = places(change);
  for (auto& t : result.targets)
    if (goes(change, t))
      t = route_target{};
  for (std::size_t i = 0; i < to.size(); ++i) {
    result.targets.resize(
      std::max<std::size_t>(result.targets.size(), to[i] + 1UL));
    result.targets[to[i]] = change.targets[i];
  }
  auto added = change.add;
  for (auto& e : added)
    if (e.kind != endpoint_kind::builtin)
      e.target_index = to[e.target_index];
  result.entries = in_their_places(entries, std::move(added), change);
  if (change.options)
    result.options = *change.options;
  if (change.front)
    result.front = change.front;
  return result;
}

// -- table_versions -----------------------------------------------------------

const endpoint_table& table_versions::check(const table_change& change) {
  checked_.reset();
  auto next = plan_.with(change);
  auto table = next.build_table();
  checked_ = checked{std::move(next), std::move(table), plan_.places(change)};
  return checked_->table;
}

snapshot_ptr table_versions::commit(std::vector<route_target> targets) {
  if (!checked_ || targets.size() != checked_->places.size())
    throw std::logic_error("there is no change to publish");
  auto next = std::move(*checked_);
  checked_.reset();
  for (std::size_t i = 0; i < targets.size(); ++i)
    next.plan.targets[next.places[i]] = std::move(targets[i]);
  plan_ = std::move(next.plan);
  current_ = std::make_shared<routing_snapshot>(
    routing_snapshot{current_ != nullptr ? current_->version + 1 : 1,
                     std::move(next.table), plan_.targets, plan_.front});
  return current_;
}

} // namespace troupe
