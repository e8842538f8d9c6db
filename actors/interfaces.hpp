#pragma once

#include "troupe/actors/vocabulary.hpp"

#include <string>
#include <vector>

namespace troupe {

// -- interfaces: the whole architecture on one page ---------------------------
//
// A request over HTTP: connection -> ROUTER -> POOL or SPEC -> WORKER.
// A request by actor message: ROUTER -> GATEWAY -> POOL -> WORKER. FRONT
// controls an I/O thread. TABLE makes the versions of the endpoint table,
// SUPERVISOR the actors that answer. WORKER's interface is in vocabulary.hpp.

// clang-format off

/// The owner of a queue of exchanges. Workers that have nothing to do ask for
/// work; nothing is ever pushed at a busy one.
using queue_actor = actor_interface<
  // Takes an exchange; from a POOL's admission it holds a ticket.
  handles<void(exchange_ptr)>,
  // Takes a worker into its place, replacing a dead one, and watches it.
  handles<void(atom::join, worker_offer)>,
  // The worker has finished a call and has room for another one.
  handles<void(atom::idle, worker_index)>,
  // Gives the worker nothing more. What it was given before was sent to it
  // before this answer.
  handles<atom::drained(atom::leave, worker_index)>,
  // The same for a worker that is here; answers when its last call is over, or
  // when it has ended.
  handles<atom::drained(atom::retire, worker_index)>,
  // Drops waiting exchanges that were cancelled or have expired.
  handles<void(atom::sweep)>,
  // Reports the queue's numbers.
  handles<pool_status(atom::status)>,
  // Answers when nothing waits or runs; `false` refuses what waits first.
  handles<atom::drained(atom::drain, bool)>,
  // Fails what waits and tells what runs to stop.
  handles<void(atom::cancel)>,
  // The worker of this place was replaced while it was in its model: takes back
  // what the model has not begun.
  handles<void(atom::reclaim, worker_index)>,
  // The worker has not begun with this exchange and gives it back; its place is
  // taken until it reports idle.
  handles<void(atom::reclaim, worker_index, exchange_ptr)>,
  // No worker is left: refuses with this detail what waits, and what comes
  // until there is a worker again. Work that runs is finished.
  handles<void(atom::fail, std::string)>,
  // Refuses inputs with this mark (`input_mark`) for this time, because workers
  // die of them.
  handles<void(atom::shun, std::uint64_t, caf::timespan)>>;

/// The POOL actor: the bounded queue of one model, and its batches.
using pool_actor = extended_interface<queue_actor,
  // Answers as soon as an exchange waits. Once for each time that it is asked.
  handles<atom::ready(atom::wake)>,
  // (internal) The delay of this batch is over.
  handles<void(atom::tick, batch_number)>>;

/// The PIPE actor: leads requests through the steps of one pipeline without
/// waiting. The answers of its models let a request go on.
using pipe_actor = extended_interface<queue_actor,
  // (internal) Watches a call whose model has less time than the request, to
  // give it up in time.
  handles<void(atom::open, exchange_ptr)>,
  // (internal) The time of a call may be up, or a drain may be over.
  handles<void(atom::tick)>>;

/// The SPEC actor: a spec, or a set of custom routes, and the queue of its
/// handlers' threads. Handlers translate and hand on to the pool of a model,
/// whose answer comes back through an encoder.
using spec_actor = queue_actor;

/// The FRONT actor of one I/O thread: takes the orders of whoever controls the
/// thread. Requests do not pass through it: connections send them to ROUTER.
/// docs/architecture.md says why.
using front_actor = actor_interface<
  // Uses this table for every request from now on.
  handles<atom::ready(snapshot_ptr)>,
  // Begins to accept connections, for all threads.
  handles<atom::ready(atom::accept)>,
  // Stops accepting, closes idle connections, and says `Connection: close`
  // on every answer; answers when no request is in work any more.
  handles<atom::drained(atom::quiesce)>,
  // (internal) No request is in work any more.
  handles<void(atom::drained)>,
  // Stops accepting and closes every connection.
  handles<atom::drained(atom::stop)>,
  // Reports the thread's numbers.
  handles<front_status(atom::status)>>;

// clang-format on

/// The queues of one model or spec: one for all I/O threads, or one for each.
struct queue_handles {
  std::vector<queue_actor> all = {};
  /// What SUPERVISOR calls them, see `atom::retire`.
  std::string key = {};
};

} // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_handles, caf::id_block::troupe::end)

CAF_ADD_TYPE_ID(troupe_handles, (troupe::front_actor))
CAF_ADD_TYPE_ID(troupe_handles, (troupe::queue_handles))

CAF_END_TYPE_ID_BLOCK(troupe_handles)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::queue_handles)

namespace troupe {

// clang-format off

/// The ROUTER actor of one I/O thread, or of the requests by actor message: asks
/// whether the client may and whether the target is ready, takes a ticket of its
/// bound, and sends to POOL or SPEC.
using router_actor = actor_interface<
  handles<void(routed_request)>,
  // Asks a model by name. Goes on to GATEWAY, which answers.
  handles<predict_reply(atom::predict, std::string, json_ptr)>,
  // The same, with a time after which nobody waits for the answer any more.
  handles<predict_reply(atom::predict, std::string, json_ptr, caf::timespan)>,
  // Answers: its thread is not held up.
  handles<atom::ready(atom::status)>>;

/// The GATEWAY actor makes exchanges of requests by actor message. When the
/// caller of a request ends, its work is cancelled.
using gateway_actor = actor_interface<
  handles<predict_reply(atom::predict, std::string, json_ptr)>,
  handles<predict_reply(atom::predict, std::string, json_ptr, caf::timespan)>,
  // Answers: its thread is not held up.
  handles<atom::ready(atom::status)>,
  // (internal) The answer to a call.
  handles<void(atom::deliver, call_number, predict_reply)>,
  // (internal) The deadline of a call may have passed.
  handles<void(atom::tick)>>;

/// The TABLE actor is the single owner of the endpoint table that all FRONTs
/// use: checks changes, numbers versions and publishes them.
using table_actor = actor_interface<
  // Reports the current version.
  handles<snapshot_ptr(atom::table)>,
  // Sends every version to this FRONT, beginning with the current one. Answers
  // when the front has that.
  handles<atom::ready(atom::join, front_actor)>,
  // Builds the table of a changed plan and keeps it for `publish`, in place of
  // one that it kept before. When refused, nothing has changed.
  handles<change_verdict(atom::check, table_change_ptr)>,
  // Publishes the table that was checked last, with those who answer what was
  // added. Answers when every front has it, or is too busy to say so.
  handles<snapshot_ptr(atom::publish, route_targets_ptr)>>;

/// The SUPERVISOR actor keeps workers alive and takes them down.
using supervisor_actor = actor_interface<
  // Starts the queues of a model or spec and their workers; answers before
  // these are ready.
  handles<queue_handles(atom::serve, serve_order_ptr)>,
  // Adds a worker from elsewhere to a served model, until the worker ends. The
  // worker offers itself to POOL. Fails when nodes may not serve the model.
  handles<worker_actor(atom::adopt, adoption_ptr)>,
  // Ends queues and their workers, by key, once what they have is answered.
  handles<void(atom::retire, std::string)>,
  // (internal) A worker's model is set up. By the child's key.
  handles<void(atom::ready, std::string, worker_index)>,
  // (internal) A worker's model is broken: it will end. By the child's key.
  handles<void(atom::fail, std::string, worker_index)>,
  // (internal) A worker from elsewhere takes nothing new. By the child's key.
  handles<void(atom::leave, std::string, worker_index)>,
  // Sets how many workers a model has, at least and at most. Fails with the
  // reason for a model that cannot have them.
  handles<atom::ready(atom::scale, std::string, std::uint64_t, std::uint64_t)>,
  // Tries a model again that was given up, and workers that were not replaced.
  // Fails when there is nothing to try.
  handles<atom::ready(atom::revive, std::string)>,
  // (internal) The back-off of a dead worker is over.
  handles<void(atom::restart, std::string, worker_index)>,
  // Says what it keeps: queues, and how each worker is.
  handles<supervision_report_ptr(atom::describe)>,
  // Answers when nothing waits or runs in any queue; `false` refuses what
  // waits first.
  handles<atom::drained(atom::drain, bool)>,
  // Cancels what waits and runs in every queue.
  handles<void(atom::cancel)>,
  // Ends every worker and queue within this time, then itself.
  handles<stop_report(atom::stop, caf::timespan)>,
  // (internal) Time may be up for workers that were told to stop.
  handles<void(atom::overdue)>,
  // (internal) Looks for workers that do not come back, and for models that may
  // be tried again.
  handles<void(atom::tick)>>;

// clang-format on

} // namespace troupe
