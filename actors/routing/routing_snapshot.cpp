#include "troupe/actors/routing/routing_snapshot.hpp"

#include <algorithm>

namespace troupe {

const route_target*
routing_snapshot::find_model(const std::string& name) const {
  auto i = std::find_if(targets.begin(), targets.end(), [&](const auto& t) {
    return !t.pool.empty() && t.owner == name;
  });
  return i != targets.end() ? &*i : nullptr;
}

} // namespace troupe
