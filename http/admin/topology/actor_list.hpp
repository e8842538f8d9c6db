#pragma once

#include "troupe/http/admin/topology/actor_census.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace troupe {

/// Lists the actors of a server for `GET /admin/topology`: those that keep
/// others before these. docs/topology.md has the keys.
/// @param uptime the age of what lives as long as the server
nlohmann::json list_actors(const actor_handles& actors,
                           const actor_census& census,
                           const snapshot_ptr& table,
                           std::chrono::milliseconds uptime);

/// Lists the machines that SUPERVISOR's workers stand for, each with the models
/// that it serves.
nlohmann::json list_nodes(const actor_census& census);

} // namespace troupe
