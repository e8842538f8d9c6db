#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/model.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// What travels between the actors. All of it is process-local: shared
/// pointers, never serialised.
namespace troupe {

struct adoption;
struct route_target;
struct routing_snapshot;
struct serve_order;
struct supervision_report;
struct table_change;

/// A closed batch on its way to a worker.
using batch_ptr = std::shared_ptr<std::vector<exchange_ptr>>;

/// Work for a worker's thread.
using job_ptr = std::shared_ptr<std::function<void()>>;

/// One version of the merged table with the handles behind it.
using snapshot_ptr = std::shared_ptr<const routing_snapshot>;

/// A request on its way from a connection to ROUTER.
struct routed_request {
  exchange_ptr ex = {};
  /// The version that it was matched in; keeps the target alive.
  snapshot_ptr table = {};
  /// Who answers.
  const route_target* target = nullptr;
};

/// The index of a worker in its pool, from 0.
struct worker_index {
  std::uint32_t value = 0;
};

/// The number of a batch, in the order in which its pool opened them.
struct batch_number {
  std::uint64_t value = 0;
};

/// The number of a request by actor message, in the order of arrival.
struct call_number {
  std::uint64_t value = 0;
};

/// JSON by actor message.
using json_ptr = std::shared_ptr<const nlohmann::json>;

/// How a model answered an actor message.
struct predict_reply {
  /// As over HTTP: 200, 422, 503, ...
  int status = 0;
  /// The model's output, or the error's body (`{"detail": ...}`).
  json_ptr document = {};
};

/// The numbers of a POOL or a SPEC.
struct pool_status {
  std::uint64_t queued = 0;
  std::uint64_t running = 0;
  std::uint64_t idle_workers = 0;
  std::uint64_t workers = 0;
  /// How many calls the workers that are here take at once, without those that
  /// are given nothing more.
  std::uint64_t capacity = 0;
  /// How many of these calls are in work.
  std::uint64_t calls = 0;
  /// How many requests came so far; those refused at once are not counted.
  std::uint64_t taken = 0;
};

/// A FRONT's numbers.
struct front_status {
  std::uint64_t connections = 0;
  /// Requests in work.
  std::uint64_t in_flight = 0;
};

/// How the end of all workers went.
struct stop_report {
  /// Those that did not return from their model in time.
  std::uint32_t abandoned_workers = 0;
};

/// What SUPERVISOR is to serve; see serve_order.hpp.
using serve_order_ptr = std::shared_ptr<const serve_order>;

/// What SUPERVISOR keeps; see supervision_report.hpp.
using supervision_report_ptr = std::shared_ptr<const supervision_report>;

/// A worker that comes from elsewhere; see serve_order.hpp.
using adoption_ptr = std::shared_ptr<const adoption>;

/// A change of the table while serving; see routing_plan.hpp.
using table_change_ptr = std::shared_ptr<const table_change>;

/// What became of a change that was checked.
struct change_verdict {
  /// Why it cannot be made; null when it can.
  std::exception_ptr refused = {};
};

/// Who answers the entries of a change.
using route_targets_ptr = std::shared_ptr<std::vector<route_target>>;

} // namespace troupe
