#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

namespace troupe {

/// How much of a stream is collected for a request by actor message, as text; a
/// longer one is stopped and answered with 500.
constexpr std::size_t max_collected_bytes = 16UL * 1024 * 1024;

/// What a GATEWAY needs.
struct gateway_config {
  /// Where it finds the current version.
  std::shared_ptr<const snapshot_cell> cell = {};
  /// Where requests by actor message are counted.
  std::shared_ptr<status_board> board = {};
};

struct gateway_state {
  gateway_config config;
  /// A request by actor message that a model works on.
  struct call {
    caf::typed_response_promise<predict_reply> promise = {};
    std::weak_ptr<exchange> ex = {};
    /// Where it may still wait.
    queue_actor queue = {};
    /// Null for a message without a sender.
    caf::actor_addr caller = {};
  };
  std::map<std::uint64_t, call> open;
  /// How many calls each caller has open.
  std::map<caf::actor_addr, std::size_t> callers;
  std::uint64_t next_id = 0;
  /// When calls expire; entries of calls that are answered stay until then.
  std::multimap<deadline_clock::time_point, std::uint64_t> deadlines;
  bool tick_pending = false;
  static inline const char* name = "troupe-gateway";
};

/// The GATEWAY actor: answers requests by actor message. The work of a call
/// ends with its caller, at the model's limits and at the call's own. A
/// time-out of `request` cannot be seen here; a caller that needs one puts it
/// into the message, too.
gateway_actor::behavior_type
message_gateway(gateway_actor::stateful_pointer<gateway_state> self,
                gateway_config config);

} // namespace troupe
