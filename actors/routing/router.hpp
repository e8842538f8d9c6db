#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing.hpp"

#include <map>
#include <memory>
#include <vector>

namespace troupe {

/// How much of a stream is collected for a request by actor message, as text;
/// what yields more is stopped and answered with 500.
constexpr std::size_t max_collected_bytes = 16UL * 1024 * 1024;

/// What a ROUTER needs.
struct router_config {
  routing_plan plan = {};
  /// Where threads that are no actors find the current version.
  std::shared_ptr<snapshot_cell> cell = {};
  /// Where requests by actor message are counted.
  std::shared_ptr<status_board> board = {};
  log_sink log = no_log();
};

struct router_state {
  router_config config;
  snapshot_ptr current;
  std::vector<front_actor> fronts;
  /// A request by actor message that a model works on.
  struct call {
    caf::typed_response_promise<predict_reply> promise;
    std::weak_ptr<exchange> ex;
    /// Where it may still wait.
    pool_actor pool;
  };
  std::map<std::uint64_t, call> open;
  std::uint64_t next_id = 0;
  /// When calls expire; entries of calls that are answered stay until then.
  std::multimap<deadline_clock::time_point, std::uint64_t> deadlines;
  bool tick_pending = false;
  static inline const char* name = "troupe-router";
};

/// The ROUTER actor: owns the table. Quits at once when the plan has
/// conflicts; check it before.
router_actor::behavior_type
router(router_actor::stateful_pointer<router_state> self, router_config config);

} // namespace troupe
