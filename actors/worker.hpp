#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/specs/model.hpp"

#include <memory>
#include <string>

namespace troupe {

/// What a WORKER needs.
struct worker_config {
  worker_slot slot = {};
  std::function<std::unique_ptr<model>(const worker_slot&)> make = {};
  pool_actor pool = {};
  supervisor_actor supervisor = {};
  /// What SUPERVISOR calls the pool's child.
  std::string key = {};
};

struct worker_state {
  worker_config config;
  std::unique_ptr<troupe::model> model;
  static inline const char* name = "troupe-worker";
};

/// The WORKER actor: owns one model instance. Sets the model up before its
/// first message, then joins its POOL. Quits when `setup` throws and when the
/// model throws `worker_fatal`; the exit reason carries the text. Exchanges
/// that the model left unanswered are answered here.
worker_actor::behavior_type
worker(worker_actor::stateful_pointer<worker_state> self, worker_config config);

/// Spawns a WORKER on a thread of its own; the caller stops the thread.
worker_actor spawn_dedicated_worker(caf::actor_system& sys,
                                    std::shared_ptr<class thread_unit> unit,
                                    worker_config config);

} // namespace troupe
