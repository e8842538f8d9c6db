#pragma once

#include "troupe/actors/status/model_state.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// How a worker is.
enum class worker_phase : std::uint8_t {
  /// Has nothing to do.
  idle,
  /// Is in a call of its model.
  busy,
  /// Sets its model up.
  starting,
  /// Has ended, and another one will be started after a pause.
  waits,
  /// Has ended, and none is started for now.
  ended,
  /// Does not come back from a call that nobody waits for.
  stuck,
  /// Takes nothing new.
  leaves,
};

std::string_view to_string(worker_phase x) noexcept;

/// One worker, or the place of one that has ended.
struct worker_report {
  std::uint32_t index = 0;
  /// Of its actor; 0 when there is none.
  std::uint64_t id = 0;
  worker_phase phase = worker_phase::ended;
  /// The machine that it stands for; "" when it is here.
  std::string node = {};
  /// Whether it has a thread of its own.
  bool has_thread = false;
  /// Calls of its model so far.
  std::uint64_t calls = 0;
  /// How often a worker was started again in this place.
  std::uint64_t restarts = 0;
  /// Since its start, while it is there.
  std::optional<std::chrono::milliseconds> age = {};
  /// Why the one before it ended, and what happened since; "" when there was
  /// none.
  std::string last_error = {};
  std::chrono::milliseconds error_age{0};
};

/// The queues of a model or spec, and their workers.
struct child_report {
  std::string owner = {};
  served_kind kind = served_kind::model;
  /// It takes nothing new and ends.
  bool retires = false;
  /// The n-th queue and its workers run on the n-th I/O thread.
  bool inlined = false;
  /// The actors of its queues.
  std::vector<std::uint64_t> queues = {};
  /// The n-th belongs to the queue `index % queues.size()`.
  std::vector<worker_report> workers = {};
  /// Workers that were replaced and have not come back.
  std::vector<worker_report> left_behind = {};
};

/// What SUPERVISOR keeps, at one moment.
struct supervision_report {
  std::vector<child_report> children = {};
};

} // namespace troupe
