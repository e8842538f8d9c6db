#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/specs/model/model.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

class model_state;

/// The place of a worker: its slot, and the actors around it.
struct worker_seat {
  worker_slot slot = {};
  queue_actor pool = {};
  supervisor_actor supervisor = {};
  /// What SUPERVISOR calls its model.
  std::string key = {};
  /// Where it runs; it only hands over.
  placement where = {};
};

/// A worker that stands for one on another machine, for a model by its name.
struct adoption {
  std::string model = {};
  /// The name of the machine, for reports.
  std::string node = {};
  /// Makes it. It tells SUPERVISOR when it is ready, as every worker does, and
  /// ends when the machine is lost; it is not restarted.
  std::function<worker_actor(caf::actor_system&, worker_seat)> make = {};
};

/// What SUPERVISOR needs to serve a model, or a spec with its handlers. A
/// value.
struct serve_order {
  model_definition definition = {};
  /// Its name in log lines: `model digits`, `spec routes`.
  std::string label = {};
  std::shared_ptr<troupe::admission> admission = {};
  std::shared_ptr<model_state> state = {};
  /// How many queues there are, each with `options.workers` workers.
  std::size_t shards = 1;
  /// Where the n-th queue runs, and its workers when they are inline. Empty:
  /// wherever CAF runs them, for tests under CAF's test coordinator.
  std::vector<unit_ptr> homes = {};
  /// Where an inline worker sets its model up, which may take its time.
  unit_ptr setup = {};
  /// Makes a queue at this place; null makes a POOL.
  std::function<queue_actor(caf::actor_system&, placement)> make_queue = {};
  /// Leaves the status board to the caller: for a model that will replace one
  /// that serves, and for what has no health.
  bool off_board = false;

  /// Returns the home of the n-th queue.
  [[nodiscard]] unit_ptr home(std::size_t n) const {
    return homes.empty() ? nullptr : homes[n % homes.size()];
  }
};

} // namespace troupe
