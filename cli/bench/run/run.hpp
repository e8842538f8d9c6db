#pragma once

#include "troupe/cli/bench/load/engine.hpp"
#include "troupe/cli/bench/measure/quantity.hpp"
#include "troupe/cli/bench/measure/stability.hpp"
#include "troupe/cli/bench/measure/window_stats.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::load {

struct run_options {
  engine_options engine = {};
  /// Levels are rates, not numbers of connections.
  bool open_loop = false;
  /// To measure, in this order; for a search: the lowest and the highest rate.
  std::vector<double> levels = {1};
  /// The most connections that an open loop opens.
  std::size_t max_connections = 1024;
  std::chrono::nanoseconds warmup = std::chrono::seconds{1};
  std::chrono::nanoseconds window = std::chrono::seconds{2};
  stability_rule stability = {};
  /// After this many windows a level is reported as not stable.
  std::size_t max_windows = 10;
  /// Of the latency that must be steady.
  double stability_percentile = 50;
  /// Above 0: measure for this long, stable or not.
  std::chrono::nanoseconds duration{};
  /// Look for the highest rate under this bound.
  std::optional<latency_bound> bound = {};
};

struct level_result {
  load_level level = {};
  /// Whether the last windows agree. None when it did not matter, because the
  /// duration was fixed, or when there were too few windows to tell.
  std::optional<bool> stable = {};
  /// With a bound: whether it held.
  bool within_bound = true;
  /// How long each window was.
  std::chrono::nanoseconds window{};
  /// All windows, in order; the last `measured` of them are in `stats`.
  std::vector<window_summary> windows = {};
  std::size_t measured = 0;
  /// Good answers that came in each whole second of all windows together.
  std::vector<std::uint64_t> each_second = {};
  window_stats stats = {};
  /// How long these took.
  double seconds = 0;
  /// CPU time of this process by the time on the clock: 1 is one core.
  double loader_cpu = 0;

  /// Answers with a status below 400, per second.
  [[nodiscard]] double rate() const {
    return seconds > 0 ? static_cast<double>(stats.completed) / seconds : 0;
  }

  [[nodiscard]] double items_rate() const {
    return seconds > 0 ? static_cast<double>(stats.items) / seconds : 0;
  }
};

struct run_result {
  std::vector<level_result> levels = {};
  /// Of a search.
  std::optional<double> best_rate = {};
  bool bound_held_at_the_highest = false;
  bool interrupted = false;
};

/// Called between windows, on the caller's thread.
struct run_observer {
  std::function<void(const load_level&)> on_level = [](const auto&) {};
  std::function<void(const load_level&, const window_summary&)> on_window =
    [](const auto&, const auto&) {};
  /// Polled; when true, the run ends with what it has.
  std::function<bool()> interrupted = [] { return false; };
};

/// Whether a level kept a bound: requests that failed count as above its limit.
/// It did not when over 0.1 % failed, either, or the answers stayed 5 % (and
/// over 20 requests) behind the plan.
bool holds(const level_result& level, const latency_bound& bound);

/// Blocks for as long as it takes. @throws as `engine`.
run_result run(const run_options& options, const run_observer& observer);

} // namespace troupe::load
