#include "troupe/actors/supervision/scale/scale_policy.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace troupe {

namespace {

/// How often the wait before fewer workers doubles, as a factor.
constexpr std::uint32_t most_patience = 8;

double seconds(deadline_clock::duration x) {
  return std::chrono::duration<double>(x).count();
}

/// How many workers are busy; one that takes many calls counts in parts.
double busy_workers(const load_sample& x) {
  if (x.capacity == 0)
    return 0;
  return static_cast<double>(x.calls) / static_cast<double>(x.capacity)
         * static_cast<double>(x.workers);
}

} // namespace

void scale_policy::reset(time_point now) noexcept {
  waiting_since_.reset();
  watched_since_ = now;
  last_look_ = now;
  work_ = 0;
}

std::size_t scale_policy::decide(time_point now, const load_sample& seen,
                                 worker_range range) {
  if (seen.workers < range.min || seen.workers > range.max) {
    reset(now);
    return std::clamp(seen.workers, range.min, range.max);
  }
  if (auto n = more(now, seen, range)) {
    if (last_shrink_)
      patience_ = now - *last_shrink_ < patience()
                    ? std::min(patience_ * 2, most_patience)
                    : 1;
    last_shrink_.reset();
    reset(now);
    return *n;
  }
  if (auto n = fewer(now, seen, range)) {
    last_shrink_ = now;
    reset(now);
    return *n;
  }
  return seen.workers;
}

std::optional<std::size_t> scale_policy::more(time_point now,
                                              const load_sample& seen,
                                              worker_range range) {
  // Workers that are coming must first show what they change.
  if (seen.waiting == 0 || !seen.settled) {
    waiting_since_.reset();
    return std::nullopt;
  }
  if (!waiting_since_)
    waiting_since_ = now;
  if (seen.workers >= range.max || now - *waiting_since_ < options_.grow_after)
    return std::nullopt;
  const auto per_worker = std::max<std::size_t>(seen.per_worker, 1);
  const auto wanted = (seen.waiting + per_worker - 1) / per_worker;
  return std::min(
    range.max, seen.workers + std::clamp<std::size_t>(wanted, 1, seen.workers));
}

std::optional<std::size_t> scale_policy::fewer(time_point now,
                                               const load_sample& seen,
                                               worker_range range) {
  if (!watched_since_)
    watched_since_ = last_look_ = now;
  work_ += busy_workers(seen) * seconds(now - last_look_);
  last_look_ = now;
  const auto watched = now - *watched_since_;
  if (watched < patience())
    return std::nullopt;
  const auto busy = work_ / seconds(watched);
  // A new watch begins here, whatever the decision is.
  watched_since_ = now;
  work_ = 0;
  if (seen.waiting > 0 || options_.utilisation <= 0)
    return std::nullopt;
  const auto enough =
    static_cast<std::size_t>(std::ceil(busy / options_.utilisation - 1e-9));
  const auto fewest = std::max(range.min, seen.workers / 2);
  const auto result = std::max(enough, fewest);
  if (result >= seen.workers)
    return std::nullopt;
  return result;
}

} // namespace troupe
