#pragma once

#include "troupe/actors/vocabulary.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

// -- interfaces: the whole architecture on one page ---------------------------

// clang-format off

/// The WORKER actor owns one model instance and is the only one to use it.
/// Declared above, because POOL's interface carries its handle.

/// The POOL actor: the bounded queue of one model. Workers that have nothing
/// to do ask for work; nothing is ever pushed at a busy one.
using pool_actor = actor_interface<
  // Takes an exchange that holds a ticket of the pool's admission.
  handles<void(exchange_ptr)>,
  // Takes a worker into the slot, replacing a dead one, and watches it. The
  // last number is how many calls it takes at once.
  handles<void(atom::join, std::uint32_t, worker_actor, std::uint32_t)>,
  // The slot's worker has finished a call and has room for another one.
  handles<void(atom::idle, std::uint32_t)>,
  // Drops waiting exchanges that were cancelled or have expired.
  handles<void(atom::sweep)>,
  // The delay of the batch that was open with this number is over.
  handles<void(atom::tick, std::uint64_t)>,
  // Reports the pool's numbers.
  handles<pool_status(atom::status)>,
  // Answers when nothing waits or runs; `false` refuses what waits first.
  handles<atom::drained(atom::drain, bool)>,
  // Fails what waits and tells what runs to stop.
  handles<void(atom::cancel)>,
  // The slot's worker was replaced while it was in its model: takes back what
  // the model has not begun.
  handles<void(atom::reclaim, std::uint32_t)>,
  // No worker is left: refuses what waits, and what comes until there is one
  // again, with this detail. What runs is finished.
  handles<void(atom::fail, std::string)>,
  // Refuses inputs with this mark for so many milliseconds: workers die of
  // them.
  handles<void(atom::shun, std::uint64_t, std::uint64_t)>>;

/// The SPEC actor: a spec, or a set of custom routes. Translates, hands on to
/// the pool of a model, encodes through a sink of its own.
using spec_actor = actor_interface<
  // Takes an exchange that one of the spec's endpoints matched.
  handles<void(exchange_ptr)>,
  // Drops waiting exchanges that were cancelled or have expired.
  handles<void(atom::sweep)>>;

/// The FRONT actor: listener, connections, HTTP.
using front_actor = actor_interface<
  // Uses this table for every request from now on.
  handles<void(snapshot_ptr)>,
  // Stops accepting, closes idle connections, and says `Connection: close`
  // on every answer; answers when no request is in work any more.
  handles<atom::drained(atom::quiesce)>,
  // (internal) The n-th I/O thread has no request in work any more.
  handles<void(atom::drained, std::uint32_t)>,
  // Stops accepting and closes every connection.
  handles<atom::drained(atom::stop)>,
  // Reports the front's numbers.
  handles<front_status(atom::status)>>;

// clang-format on

/// The pools of one model: one for all I/O threads, or one for each.
struct pool_handles {
  std::vector<pool_actor> all = {};
};

} // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_handles, caf::id_block::troupe::end)

CAF_ADD_TYPE_ID(troupe_handles, (troupe::pool_actor))
CAF_ADD_TYPE_ID(troupe_handles, (troupe::front_actor))
CAF_ADD_TYPE_ID(troupe_handles, (troupe::pool_handles))

CAF_END_TYPE_ID_BLOCK(troupe_handles)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::pool_handles)

namespace troupe {

// clang-format off

/// The ROUTER actor owns the merged endpoint table. Fronts look requests up
/// in the version that it published last, on their own threads.
using router_actor = actor_interface<
  // Reports the current version.
  handles<snapshot_ptr(atom::table)>,
  // Sends every version to this front, beginning with the current one.
  handles<void(atom::join, front_actor)>,
  // Checks and publishes a changed table; an error leaves the old one.
  // Answers the new version's number.
  handles<std::uint64_t(atom::change, table_change_ptr)>,
  // Asks a model by name.
  handles<predict_reply(atom::predict, std::string, json_ptr)>,
  // (internal) The answer to the n-th `predict`.
  handles<void(atom::deliver, std::uint64_t, predict_reply)>,
  // (internal) A deadline of a `predict` may have passed.
  handles<void(atom::tick)>>;

/// The SUPERVISOR actor keeps workers alive and takes them down.
using supervisor_actor = actor_interface<
  // Starts a model's pools and their workers; answers before they are ready.
  handles<pool_handles(atom::serve, serve_order_ptr)>,
  // Ends a model's pools and their workers, once what they have is answered.
  handles<void(atom::retire, std::string)>,
  // (internal) A worker's model is set up. By the child's key.
  handles<void(atom::ready, std::string, std::uint32_t)>,
  // (internal) The back-off of a dead worker is over.
  handles<void(atom::restart, std::string, std::uint32_t)>,
  // Answers when nothing waits or runs in any pool; `false` refuses what
  // waits first.
  handles<atom::drained(atom::drain, bool)>,
  // Cancels what waits and runs in every pool.
  handles<void(atom::cancel)>,
  // Ends every worker and pool, then itself. Answers how many workers did
  // not return from their model in time.
  handles<std::uint32_t(atom::stop, std::uint32_t)>,
  // (internal) Time may be up for workers that were told to stop.
  handles<void(atom::overdue)>,
  // (internal) Looks for workers that do not come back, and for models that may
  // be tried again.
  handles<void(atom::tick)>>;

// clang-format on

} // namespace troupe
