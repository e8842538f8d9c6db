#pragma once

#include "troupe/specs/values/error.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe {

/// Counters of one server; relaxed, exact when nothing runs.
struct traffic_counters {
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> cancelled{0};
  /// Failures by `errc`; the sums above have them, too.
  std::array<std::atomic<std::uint64_t>, errc_end> failed{};
  /// Requests of models, specs and routes that came over HTTP and whose answer
  /// is not complete.
  std::atomic<std::size_t> active{0};

  /// Counts a request that its owner answered.
  void count_finished() noexcept {
    finished.fetch_add(1, std::memory_order_relaxed);
  }

  /// Counts a request that failed, under the sum that its code belongs to.
  void count_failed(errc code) noexcept;
};

} // namespace troupe
