#pragma once

#include "troupe/cli/bench/measure/window_stats.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::load {

/// Sorts what one thread sees into windows: a request belongs to the window in
/// which it was planned, so that a slow answer counts for the time that caused
/// it. What was planned before the first window, the warm-up, is not recorded.
/// Pure: times are given. Not thread-safe.
class recorder {
public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;
  using duration = std::chrono::nanoseconds;

  /// A request of an open loop that was sent this much after its time although
  /// it could have been sent is late.
  static constexpr duration late_after = std::chrono::milliseconds{1};

  /// @param start of the first window; they are `window` long.
  recorder(time_point start, duration window, bool open_loop);

  void sent(time_point planned, std::size_t bytes);
  /// Open loop: sent with a connection free.
  void sent_directly(time_point planned, time_point now);
  /// Open loop: waited for a connection.
  void queued(time_point planned);
  void received(time_point now, std::size_t bytes);
  /// `count` items of a stream came with one read. `last`: when the one before
  /// came, or the epoch when these are the first.
  void items(time_point planned, time_point last, time_point now,
             std::size_t count);
  void answered(time_point planned, time_point sent, time_point now,
                unsigned status);
  /// No whole answer came, and now none is waited for any more.
  void failed(time_point planned, failure what, time_point now);

  /// What window `index` has so far.
  [[nodiscard]] const window_stats& window(std::size_t index) const;

  /// Good answers that came in each second from the start of the first window
  /// on, up to the last second that had one.
  [[nodiscard]] const std::vector<std::uint64_t>& each_second() const noexcept {
    return each_second_;
  }

private:
  window_stats* at(time_point t);
  void count_second(time_point now);

  time_point start_;
  duration window_;
  bool open_loop_;
  std::vector<window_stats> windows_;
  std::vector<std::uint64_t> each_second_;
};

} // namespace troupe::load
