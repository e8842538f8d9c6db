#pragma once

#include "troupe/actors/caf_compat.hpp"
#include "troupe/actors/messages.hpp"

#include <cstdint>
#include <string>

/// The vocabulary of the actors: atoms and message types with their ids, in
/// one place.
namespace troupe {

namespace atom {

/// Named below, with the others.
using tick = caf::atom_constant<caf::atom("tick")>;

} // namespace atom

/// The WORKER actor owns one model instance and is the only one to use it. It
/// stands here because a message carries its handle.
// clang-format off
using worker_actor = actor_interface<
  // Answers one exchange, then reports idle to POOL.
  handles<void(exchange_ptr)>,
  // Answers every exchange of a batch, then reports idle to POOL.
  handles<void(batch_ptr)>,
  // (internal) Advances what the model has open, see `model::step`.
  handles<void(atom::tick)>,
  // Runs a function beside the model, see `worker_slot::post`.
  handles<void(job_ptr)>>;
// clang-format on

/// A worker that offers itself to its POOL.
struct worker_offer {
  worker_index index = {};
  worker_actor worker = {};
  /// How many calls it takes at once.
  std::uint32_t capacity = 1;
  /// Whether it stands for another machine: its capacity counts exchanges, also
  /// those of a batch, and one that is here goes first where both have as
  /// little to do.
  bool remote = false;
};

} // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe, caf::first_custom_type_id)

CAF_ADD_TYPE_ID(troupe, (troupe::exchange_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::batch_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::job_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::snapshot_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::json_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::predict_reply))
CAF_ADD_TYPE_ID(troupe, (troupe::pool_status))
CAF_ADD_TYPE_ID(troupe, (troupe::front_status))
CAF_ADD_TYPE_ID(troupe, (troupe::serve_order_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::table_change_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::worker_actor))
CAF_ADD_TYPE_ID(troupe, (troupe::routed_request))
CAF_ADD_TYPE_ID(troupe, (troupe::worker_offer))
CAF_ADD_TYPE_ID(troupe, (troupe::worker_index))
CAF_ADD_TYPE_ID(troupe, (troupe::batch_number))
CAF_ADD_TYPE_ID(troupe, (troupe::call_number))
CAF_ADD_TYPE_ID(troupe, (troupe::stop_report))
CAF_ADD_TYPE_ID(troupe, (troupe::change_verdict))
CAF_ADD_TYPE_ID(troupe, (troupe::route_targets_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::adoption_ptr))
CAF_ADD_TYPE_ID(troupe, (troupe::supervision_report_ptr))

CAF_ADD_ATOM(troupe, troupe::atom, join, "join")
CAF_ADD_ATOM(troupe, troupe::atom, idle, "idle")
CAF_ADD_ATOM(troupe, troupe::atom, sweep, "sweep")
CAF_ADD_ATOM(troupe, troupe::atom, tick, "tick")
CAF_ADD_ATOM(troupe, troupe::atom, status, "status")
CAF_ADD_ATOM(troupe, troupe::atom, drain, "drain")
CAF_ADD_ATOM(troupe, troupe::atom, drained, "drained")
CAF_ADD_ATOM(troupe, troupe::atom, cancel, "cancel")
CAF_ADD_ATOM(troupe, troupe::atom, predict, "predict")
CAF_ADD_ATOM(troupe, troupe::atom, deliver, "deliver")
CAF_ADD_ATOM(troupe, troupe::atom, table, "table")
CAF_ADD_ATOM(troupe, troupe::atom, check, "check")
CAF_ADD_ATOM(troupe, troupe::atom, publish, "publish")
CAF_ADD_ATOM(troupe, troupe::atom, accept, "accept")
CAF_ADD_ATOM(troupe, troupe::atom, serve, "serve")
CAF_ADD_ATOM(troupe, troupe::atom, retire, "retire")
CAF_ADD_ATOM(troupe, troupe::atom, ready, "ready")
CAF_ADD_ATOM(troupe, troupe::atom, restart, "restart")
CAF_ADD_ATOM(troupe, troupe::atom, stop, "stop")
CAF_ADD_ATOM(troupe, troupe::atom, overdue, "overdue")
CAF_ADD_ATOM(troupe, troupe::atom, quiesce, "quiesce")
CAF_ADD_ATOM(troupe, troupe::atom, reclaim, "reclaim")
CAF_ADD_ATOM(troupe, troupe::atom, fail, "fail")
CAF_ADD_ATOM(troupe, troupe::atom, shun, "shun")
CAF_ADD_ATOM(troupe, troupe::atom, adopt, "adopt")
CAF_ADD_ATOM(troupe, troupe::atom, leave, "leave")
CAF_ADD_ATOM(troupe, troupe::atom, item, "item")
CAF_ADD_ATOM(troupe, troupe::atom, open, "open")
CAF_ADD_ATOM(troupe, troupe::atom, credit, "credit")
CAF_ADD_ATOM(troupe, troupe::atom, describe, "describe")
CAF_ADD_ATOM(troupe, troupe::atom, hello, "hello")
CAF_ADD_ATOM(troupe, troupe::atom, update, "update")
CAF_ADD_ATOM(troupe, troupe::atom, scale, "scale")
CAF_ADD_ATOM(troupe, troupe::atom, revive, "revive")
CAF_ADD_ATOM(troupe, troupe::atom, wake, "wake")

CAF_END_TYPE_ID_BLOCK(troupe)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::exchange_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::job_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::snapshot_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::json_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::predict_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::pool_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::front_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::serve_order_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::table_change_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::routed_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::worker_offer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::worker_index)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::batch_number)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::call_number)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::stop_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::change_verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::route_targets_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::adoption_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::supervision_report_ptr)
