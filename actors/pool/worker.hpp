#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pool/worker_watch.hpp"
#include "troupe/specs/model/model.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What a WORKER needs.
struct worker_config {
  worker_slot slot = {};
  std::function<std::unique_ptr<model>(const worker_slot&)> make = {};
  queue_actor pool = {};
  supervisor_actor supervisor = {};
  /// What SUPERVISOR calls the pool's child.
  std::string key = {};
  /// Gets what `model::healthy` says, now and then; when it is null, the model
  /// is never asked.
  std::function<void(bool)> report_health = {};
  std::chrono::milliseconds health_interval{5'000};
  /// Shared with SUPERVISOR; never null.
  std::shared_ptr<worker_watch> watch = std::make_shared<worker_watch>();
  /// For `runtime_scope`.
  const void* owner = nullptr;
};

struct worker_state {
  worker_state() = default;
  worker_state(const worker_state&) = delete;
  worker_state& operator=(const worker_state&) = delete;

  /// The model's end may hang, too.
  ~worker_state();

  worker_config config;
  std::unique_ptr<troupe::model> model;
  /// The exchanges that the model answers later.
  std::vector<exchange_ptr> open;
  /// `model::capacity`.
  std::size_t capacity = 1;
  /// Calls of `process` that POOL has not been told the end of.
  std::size_t calls = 0;
  bool step_pending = false;
  deadline_clock::time_point health_due = {};
  static inline const char* name = "troupe-worker";
};

/// The WORKER actor: owns one model instance. Sets the model up before its
/// first message, then joins its POOL. Quits when `setup` throws and when the
/// model throws `worker_fatal`; the exit reason carries the text, and the mark
/// of the input when the model had only one (`input_mark`). Exchanges that the
/// model left unanswered are answered here. Reports idle once for each call of
/// the model that is over. Ends without a report when it was replaced
/// meanwhile.
worker_actor::behavior_type
worker(worker_actor::stateful_pointer<worker_state> self, worker_config config);

} // namespace troupe
