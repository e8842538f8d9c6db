#pragma once

#include "troupe/actors/cluster/model_messages.hpp"
#include "troupe/actors/serve_order.hpp"
#include "troupe/specs/model/hook_events.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace troupe {

// clang-format off

/// A WORKER that stands for the workers of a model on another machine. Its own
/// `tick` looks after the calls that are open.
using remote_worker_actor = extended_interface<worker_actor,
  // As `model_caller`.
  handles<void(atom::item, call_id, message_body)>,
  handles<void(atom::deliver, call_id, model_answer)>,
  // Takes nothing new, and ends when what it has is answered.
  handles<void(atom::leave)>,
  // (internal) A pause is over: the place is free again.
  handles<void(atom::idle)>>;

// clang-format on

/// What such a WORKER needs.
struct remote_worker_config {
  worker_seat seat = {};
  /// The MODEL actor on that machine.
  model_actor target = {};
  /// How many calls it takes at once.
  std::uint32_t capacity = 1;
  /// The name of the machine, for messages.
  std::string node = {};
};

struct remote_worker_state {
  struct call {
    exchange_ptr ex = {};
    open_predict predict = {};
    /// How many items may still come before a `credit`.
    std::uint32_t credit = initial_credit;
    bool owes_credit = false;
    bool cancel_sent = false;
  };

  remote_worker_config config;
  std::map<std::uint64_t, call> open;
  std::uint64_t last_id = 0;
  /// POOL gives it nothing more.
  bool left = false;
  bool tick_pending = false;
  static inline const char* name = "troupe-remote-worker";
};

/// The behavior of one. A call that the other machine refuses because it is
/// full, not ready or about to end goes back to POOL, a few times. When the
/// machine is lost, or breaks the protocol, the worker ends, and POOL answers
/// what it had or tries it elsewhere.
remote_worker_actor::behavior_type
remote_worker(remote_worker_actor::stateful_pointer<remote_worker_state> self,
              remote_worker_config config);

} // namespace troupe
