#pragma once

#include "troupe/specs/observe/thread_counter.hpp"
#include "troupe/specs/values/error.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe {

/// Counters of one server; relaxed, exact when nothing runs.
struct traffic_counters {
  thread_counter finished;
  thread_counter refused;
  thread_counter cancelled;
  /// Failures by `errc`; the sums above have them, too.
  std::array<std::atomic<std::uint64_t>, errc_end> failed{};
  /// Requests of models, specs and routes that came over HTTP and whose answer
  /// is not complete.
  thread_counter active;

  /// Counts a request that its owner answered.
  void count_finished() noexcept {
    finished.add();
  }

  /// Counts a request that failed, under the sum that its code belongs to.
  void count_failed(errc code) noexcept;
};

} // namespace troupe
