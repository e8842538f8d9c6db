#pragma once

#include <chrono>
#include <cstddef>

namespace troupe {

/// How long the reader of a stream has held its producer up, all times
/// together. What the reader takes meanwhile earns time back: one that keeps a
/// pace always has time left; one that takes a byte now and then uses it up.
/// Pure; used by one thread at a time.
class reader_patience {
public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;
  using duration = clock::duration;

  /// @param pace in bytes per second; zero earns nothing back
  explicit reader_patience(std::size_t pace = 0) noexcept : pace_(pace) {
    // nop
  }

  /// A producer is held up from now on. Several may be at once; their time
  /// counts once.
  void begin(time_point now) noexcept {
    if (holders_++ == 0)
      since_ = now;
  }

  void end(time_point now) noexcept {
    if (--holders_ == 0)
      spent_ += now - since_;
  }

  /// Notes that the reader took this many bytes.
  void earn(std::size_t bytes, time_point now) noexcept {
    if (pace_ == 0)
      return;
    auto before = spent(now);
    since_ = now;
    auto earned =
      std::chrono::duration_cast<duration>(std::chrono::duration<double>(
        static_cast<double>(bytes) / static_cast<double>(pace_)));
    // Nothing is saved up for later.
    spent_ = earned < before ? before - earned : duration::zero();
  }

  [[nodiscard]] bool holds() const noexcept {
    return holders_ > 0;
  }

  [[nodiscard]] duration spent(time_point now) const noexcept {
    return holds() ? spent_ + (now - since_) : spent_;
  }

private:
  std::size_t pace_;
  std::size_t holders_ = 0;
  time_point since_{};
  duration spent_ = duration::zero();
};

} // namespace troupe
