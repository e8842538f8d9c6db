#include "troupe/actors/routing/routing.hpp"

#include <algorithm>

namespace troupe {

const route_target*
routing_snapshot::find_model(const std::string& name) const {
  auto i = std::find_if(targets.begin(), targets.end(), [&](const auto& t) {
    return !t.pool.empty() && t.owner == name;
  });
  return i != targets.end() ? &*i : nullptr;
}

snapshot_ptr routing_plan::build(std::uint64_t version) const {
  auto result = std::make_shared<routing_snapshot>();
  result->version = version;
  result->table = endpoint_table::build(entries, options);
  result->targets = targets;
  return result;
}

routing_plan routing_plan::with(const table_change& change) const {
  auto result = *this;
  auto goes = [&](const std::string& owner) {
    return std::find(change.remove_owners.begin(), change.remove_owners.end(),
                     owner)
           != change.remove_owners.end();
  };
  std::erase_if(result.entries, [&](const auto& e) { return goes(e.owner); });
  for (auto& t : result.targets)
    if (goes(t.owner))
      t = route_target{};
  auto first = static_cast<std::uint32_t>(result.targets.size());
  result.targets.insert(result.targets.end(), change.targets.begin(),
                        change.targets.end());
  for (auto e : change.add) {
    e.target += first;
    result.entries.push_back(std::move(e));
  }
  return result;
}

void sweep(const route_target& target, std::uint32_t shard,
           caf::execution_unit* host) {
  if (!target.pool.empty())
    tell_on(host, target.pool.of(shard), atom::sweep_v);
  else if (!target.spec.empty())
    tell_on(host, target.spec.of(shard), atom::sweep_v);
}

std::optional<failure> dispatch(const route_target& target, exchange_ptr ex,
                                caf::execution_unit* host) {
  if (target.authorize)
    if (auto refusal = target.authorize(*ex))
      return refusal;
  if (target.state != nullptr && !target.state->accepts())
    return make_failure(errc::not_ready, target.state->refusal());
  if (target.gate != nullptr) {
    ex->ticket = admission_ticket{target.gate};
    if (!ex->ticket)
      return make_failure(errc::overloaded);
  }
  const auto shard = ex->shard;
  if (!target.pool.empty())
    tell_on(host, target.pool.of(shard), std::move(ex));
  else if (!target.spec.empty())
    tell_on(host, target.spec.of(shard), std::move(ex));
  else
    return make_failure(errc::not_found);
  return std::nullopt;
}

} // namespace troupe
