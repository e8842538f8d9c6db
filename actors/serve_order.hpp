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

/// What SUPERVISOR needs to serve a model, or a spec with its handlers. A
/// value.
struct serve_order {
  model_definition definition = {};
  /// Its name in log lines: `model digits`, `handlers of routes`.
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
