#pragma once

#include "troupe/actors/cluster/called_exchange.hpp"
#include "troupe/actors/cluster/model_messages.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace troupe {

/// What a MODEL actor needs.
struct model_server_config {
  std::string model = {};
  /// Where it finds the model's POOL.
  std::shared_ptr<const snapshot_cell> cell = {};
  /// Where calls are counted.
  std::shared_ptr<status_board> board = {};
  /// Inputs and outputs: JSON text.
  std::string schema = "null";
  /// How many of the requests that POOL lets in may wait.
  std::size_t queue_size = 0;
  /// Whether a worker may wait in `write` for its caller; one on an I/O thread
  /// must not.
  bool waits = true;
};

struct model_server_state {
  struct call {
    /// The owner and its number; null and 0 for a `predict`.
    caf::actor_addr caller = {};
    call_id id = {};
    model_caller to = {};
    caf::typed_response_promise<model_answer> promise = {};
    std::weak_ptr<called_exchange> ex = {};
    /// Where it may still wait.
    queue_actor queue = {};
  };

  model_server_config config;
  std::map<std::uint64_t, call> open;
  /// The numbers of what callers have opened.
  std::map<std::pair<caf::actor_addr, std::uint64_t>, std::uint64_t> numbers;
  /// How many calls each caller has open.
  std::map<caf::actor_addr, std::size_t> callers;
  std::uint64_t last_number = 0;
  bool tick_pending = false;
  static inline const char* name = "troupe-model";
};

/// Returns what a MODEL actor of this config would say of its model now. Safe
/// from every thread.
[[nodiscard]] model_facts describe(const model_server_config& config);

/// The MODEL actor: answers calls by message with the model of that name, as
/// long as one is served. Its own end ends what is open.
model_actor::behavior_type
model_server(model_actor::stateful_pointer<model_server_state> self,
             model_server_config config);

} // namespace troupe
