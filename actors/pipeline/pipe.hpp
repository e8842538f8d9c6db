#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pipeline/pipeline_run.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/serve_order.hpp"

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What a PIPE needs.
struct pipe_config {
  std::string name = {};
  std::shared_ptr<const pipeline> steps = {};
  std::shared_ptr<const snapshot_cell> table = {};
  log_sink log = no_log();
  /// For `runtime_scope`.
  const void* owner = nullptr;
};

struct pipe_state {
  pipe_config config;
  std::shared_ptr<const pipeline_setting> setting;
  /// Requests in the pipeline.
  std::shared_ptr<std::atomic<std::size_t>> open =
    std::make_shared<std::atomic<std::size_t>>(0);
  /// Calls that have less time than their request, by when to look at them.
  std::multimap<deadline_clock::time_point, std::weak_ptr<exchange>> watched;
  std::vector<caf::typed_response_promise<atom::drained>> drains;
  bool tick_pending = false;
  bool refusing = false;
  static inline const char* name = "troupe-pipe";
};

/// The PIPE actor.
pipe_actor::behavior_type pipe(pipe_actor::stateful_pointer<pipe_state> self,
                               pipe_config config);

/// Makes an order serve the pipeline of its definition, by PIPEs and without
/// workers, at the order's homes.
void order_pipeline(serve_order& order,
                    std::shared_ptr<const snapshot_cell> table, log_sink log,
                    const void* owner);

} // namespace troupe
