#pragma once

#include "troupe/actors/cluster/node_messages.hpp"
#include "troupe/actors/interfaces.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// The actors of a server that keep others or serve alone; null where there is
/// none.
struct actor_handles {
  supervisor_actor supervisor = {};
  table_actor table = {};
  gateway_actor gateway = {};
  /// The way in for requests by actor message.
  router_actor router = {};
  /// Of each I/O thread.
  std::vector<router_actor> io_routers = {};
  std::vector<front_actor> fronts = {};
  cluster_actor cluster = {};
  node_actor member = {};
  /// The MODEL actors, with the names of the models.
  std::vector<std::pair<std::string, model_actor>> models = {};
};

/// Where the handles are found from the start of a server to its stop.
/// Thread-safe.
class actor_handles_cell {
public:
  [[nodiscard]] std::shared_ptr<const actor_handles> load() const {
    std::unique_lock guard{mutex_};
    return value_;
  }

  void store(std::shared_ptr<const actor_handles> x) {
    // What ends with the old ones ends without the lock.
    std::unique_lock guard{mutex_};
    value_.swap(x);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const actor_handles> value_;
};

} // namespace troupe
