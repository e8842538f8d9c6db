#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pool/work_queue.hpp"
#include "troupe/specs/text/log.hpp"

#include <memory>
#include <string>

namespace troupe {

/// What a POOL needs.
struct pool_config {
  std::string model = {};
  batch_options batch = {};
  /// See `work_queue::options`.
  bool idempotent = false;
  /// See `work_queue::options`.
  int died_status = 500;
  log_sink log = no_log();
  /// See `work_queue::options`.
  std::shared_ptr<troupe::admission> admission = {};
  /// See `work_queue::options`.
  queue_options order = {};
  /// See `work_queue::options`.
  model_series* series = nullptr;
};

struct pool_state {
  pool_config config;
  work_queue queue;
  static inline const char* name = "troupe-pool";
};

/// The POOL actor: the queue of one model. It never runs a model itself. That
/// of a dedicated model runs wherever its callers run, for a microsecond at a
/// time.
pool_actor::behavior_type pool(pool_actor::stateful_pointer<pool_state> self,
                               pool_config config);

} // namespace troupe
