#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/model.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What travels between the actors. All of it is process-local: shared
/// pointers, never serialised.
namespace troupe {

class model_state;
struct routing_snapshot;
struct table_change;

/// A closed batch on its way to a worker.
using batch_ptr = std::shared_ptr<std::vector<exchange_ptr>>;

/// Work for a worker's thread.
using job_ptr = std::shared_ptr<std::function<void()>>;

/// One version of the merged table with the handles behind it.
using snapshot_ptr = std::shared_ptr<const routing_snapshot>;

/// JSON by actor message.
using json_ptr = std::shared_ptr<const nlohmann::json>;

/// How a model answered an actor message.
struct predict_reply {
  /// As over HTTP: 200, 422, 503, ...
  int status = 0;
  /// The model's output, or the error's body (`{"detail": ...}`).
  json_ptr document = {};
};

/// A POOL's numbers.
struct pool_status {
  std::uint64_t queued = 0;
  std::uint64_t running = 0;
  std::uint64_t idle_workers = 0;
  std::uint64_t workers = 0;
};

/// A FRONT's numbers.
struct front_status {
  std::uint64_t connections = 0;
  /// Requests in work.
  std::uint64_t in_flight = 0;
};

/// What SUPERVISOR needs to serve a model (or a spec's handlers).
struct serve_order {
  model_definition definition = {};
  /// How log lines call it: `model digits`, `handlers of routes`.
  std::string label = {};
  std::shared_ptr<admission> gate = {};
  std::shared_ptr<model_state> state = {};
  /// How many pools there are, each with `options.workers` workers.
  std::size_t shards = 1;
};

using serve_order_ptr = std::shared_ptr<const serve_order>;

/// A change of the table while serving; see routing.hpp.
using table_change_ptr = std::shared_ptr<const table_change>;

} // namespace troupe
