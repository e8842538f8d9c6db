#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/supervision/report/supervision_report.hpp"
#include "troupe/http/admin/topology/actor_handles.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// What actors said of themselves within a time. Those that said nothing are
/// missing, and stand in `silent`.
struct actor_census {
  /// Null when SUPERVISOR did not answer.
  supervision_report_ptr supervised = {};
  /// By the id of the queue.
  std::map<std::uint64_t, pool_status> queues = {};
  /// By the id of the FRONT.
  std::map<std::uint64_t, front_status> fronts = {};
  /// The ids of actors that were asked and did not answer in time.
  std::set<std::uint64_t> silent = {};
};

/// Asks every actor at once, and waits for their answers no longer than this.
/// Call it on any thread that runs none of the actors that are asked.
/// @param table for the queues; may be null
actor_census take_census(caf::actor_system& sys, const actor_handles& whom,
                         const snapshot_ptr& table,
                         std::chrono::milliseconds patience);

} // namespace troupe
