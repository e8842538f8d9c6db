#pragma once

#include "troupe/specs/exchange/time_budget.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe {

/// Measures how fast a queue gets shorter while all workers are busy, and how
/// long a call takes: from these follows how long a request will wait. Pure;
/// the caller brings the time.
class service_meter {
public:
  using time_point = deadline_clock::time_point;
  using duration = deadline_clock::duration;

  /// Notes whether, from now on, requests wait and no worker is free. What ends
  /// between the two shows how fast the workers are.
  void saturated(bool x, time_point now) noexcept {
    if (x && !saturated_)
      last_ = now;
    saturated_ = x;
  }

  [[nodiscard]] bool is_saturated() const noexcept {
    return saturated_;
  }

  /// Notes that this many requests have ended.
  void ended(std::size_t n, time_point now) noexcept {
    if (!saturated_ || n == 0)
      return;
    elapsed_ = elapsed_ * memory + static_cast<double>((now - last_).count());
    count_ = count_ * memory + static_cast<double>(n);
    last_ = now;
    if (samples_ < least_samples)
      ++samples_;
  }

  /// Notes how long a call took that was alone in its worker.
  void took(duration x) noexcept {
    const auto ticks = static_cast<double>(x.count());
    call_ = call_ == 0 ? ticks : call_ * memory + ticks * (1 - memory);
  }

  /// Returns how long a request that has this many before it will wait until it
  /// begins; zero while nothing is known.
  [[nodiscard]] duration until_begin(std::size_t ahead) const noexcept {
    if (samples_ < least_samples)
      return duration::zero();
    return to_duration(static_cast<double>(ahead) * elapsed_ / count_);
  }

  /// Returns how long a call takes; zero while nothing is known.
  [[nodiscard]] duration call() const noexcept {
    return to_duration(call_);
  }

private:
  /// What an older sample counts for: the last 16 or so matter.
  static constexpr double memory = 15.0 / 16;
  static constexpr unsigned least_samples = 4;

  /// An hour is as good as for ever, and fits.
  static duration to_duration(double ticks) noexcept {
    constexpr auto most =
      std::chrono::duration_cast<duration>(std::chrono::hours{1});
    return ticks >= static_cast<double>(most.count())
             ? most
             : duration{static_cast<duration::rep>(ticks)};
  }

  bool saturated_ = false;
  unsigned samples_ = 0;
  time_point last_ = {};
  double elapsed_ = 0;
  double count_ = 0;
  double call_ = 0;
};

} // namespace troupe
