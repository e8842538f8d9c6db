#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace troupe {

/// What was in the place of a worker, for reports.
struct place_history {
  using time_point = std::chrono::steady_clock::time_point;

  /// When the last worker was started, and how many there were.
  time_point since = {};
  std::uint64_t starts = 0;
  /// How the one before it ended, and when; "" when none did.
  std::string last_error = {};
  time_point error_at = {};
  /// The machine that the worker stands for, or "".
  std::string node = {};
};

} // namespace troupe
