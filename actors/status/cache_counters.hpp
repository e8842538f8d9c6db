#pragma once

#include <atomic>
#include <cstdint>

namespace troupe {

/// What the cache of one model did since it was made. Written by the cache,
/// read by everybody.
struct cache_counters {
  /// Requests that were answered with a kept answer.
  std::atomic<std::uint64_t> hits{0};
  /// Requests that went to the model, those that may not be kept included.
  std::atomic<std::uint64_t> misses{0};
  /// Requests that got the answer to an equal one that was in work.
  std::atomic<std::uint64_t> shared{0};
  /// Answers that made room for others.
  std::atomic<std::uint64_t> evicted{0};
  /// Answers that are kept.
  std::atomic<std::uint64_t> entries{0};
  /// What they take, with their keys.
  std::atomic<std::uint64_t> bytes{0};
};

} // namespace troupe
