#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/http/admin/topology/actor_census.hpp"
#include "troupe/http/admin/topology/actor_handles.hpp"
#include "troupe/http/options.hpp"
#include "troupe/specs/model/model.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <vector>

namespace troupe {

/// What `GET /admin/topology` tells, at one moment. docs/topology.md has the
/// document's keys.
struct topology_facts {
  const server_options* options = nullptr;
  const status_board* board = nullptr;
  /// The version that serves; may be null.
  snapshot_ptr table = {};
  std::vector<model_definition> models = {};
  const actor_handles* actors = nullptr;
  actor_census census = {};
  std::chrono::milliseconds uptime{0};
};

/// Makes the document of the facts. Pure.
nlohmann::json topology_document(const topology_facts& x);

/// The part of the endpoints: the table, what wins over what, and what a policy
/// dropped.
void add_endpoints(nlohmann::json& document, const endpoint_table& table);

} // namespace troupe
