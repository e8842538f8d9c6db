#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/supervision_options.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace troupe {

/// What is seen of a model's workers at one moment.
struct load_sample {
  /// How many workers it should have.
  std::size_t workers = 0;
  /// Whether all of these are ready.
  bool settled = true;
  /// Requests that wait although no worker has room for them.
  std::size_t waiting = 0;
  /// Calls in work, and how many the workers that are ready take at once.
  std::size_t calls = 0;
  std::size_t capacity = 0;
  /// How many requests one worker takes at once.
  std::size_t per_worker = 1;
};

/// Decides how many workers a model should have. It adds some when requests
/// have waited without a break for `grow_after`: as many as would take what
/// waits, twice as many as there are at most, and none while others are coming.
/// It takes some away when those that stay would have been busy for at most
/// `utilisation` of a whole `shrink_after`, half of them at most. When it has
/// to add workers soon after it took some away, it waits twice as long the next
/// time, up to eight times. Pure; the caller brings time and what it sees.
class scale_policy {
public:
  using time_point = deadline_clock::time_point;

  explicit scale_policy(worker_count options) noexcept : options_(options) {
    // nop
  }

  /// Returns how many workers there should be from now on, within the range.
  [[nodiscard]] std::size_t decide(time_point now, const load_sample& seen,
                                   worker_range range);

  /// Begins to watch anew: the number of workers was changed by others.
  void reset(time_point now) noexcept;

private:
  [[nodiscard]] std::optional<std::size_t>
  more(time_point now, const load_sample& seen, worker_range range);
  [[nodiscard]] std::optional<std::size_t>
  fewer(time_point now, const load_sample& seen, worker_range range);
  [[nodiscard]] deadline_clock::duration patience() const noexcept {
    return options_.shrink_after * patience_;
  }

  worker_count options_;
  /// Since when requests wait.
  std::optional<time_point> waiting_since_;
  /// Since when the workers are watched, and how much they have done since:
  /// workers that were busy, times seconds.
  std::optional<time_point> watched_since_;
  time_point last_look_ = {};
  double work_ = 0;
  std::optional<time_point> last_shrink_;
  std::uint32_t patience_ = 1;
};

} // namespace troupe
