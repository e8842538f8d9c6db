#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace troupe::load {

/// One window of a level, in short.
struct window_summary {
  /// Completed requests/s.
  double rate = 0;
  /// The percentile that must be steady.
  std::chrono::nanoseconds latency{};
  std::size_t errors = 0;
};

/// When a level has been measured for long enough: rule of Triton's
/// perf_analyzer. Pure.
struct stability_rule {
  /// So many windows in a row must agree.
  std::size_t windows = 3;
  /// Largest by smallest, less 1, of rate and of latency.
  double tolerance = 0.10;

  /// Whether the last windows agree. Windows without a request never do.
  [[nodiscard]] bool stable(const std::vector<window_summary>& all) const;
};

} // namespace troupe::load
