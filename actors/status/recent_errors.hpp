#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The last errors of something, for operators. Thread-safe.
class recent_errors {
public:
  using clock = std::chrono::steady_clock;

  /// How many are kept, and how much of the text of each.
  static constexpr std::size_t max_count = 10;
  static constexpr std::size_t max_bytes = 2'000;

  struct entry {
    /// Counts from 1.
    std::uint64_t number = 0;
    clock::time_point at = {};
    std::string text = {};
  };

  void add(std::string_view text, clock::time_point at = clock::now()) {
    std::unique_lock guard{mutex_};
    if (entries_.size() == max_count)
      entries_.erase(entries_.begin());
    entries_.push_back({++count_, at, std::string{text.substr(0, max_bytes)}});
  }

  /// Returns what is kept, the newest first.
  [[nodiscard]] std::vector<entry> list() const {
    std::unique_lock guard{mutex_};
    return {entries_.rbegin(), entries_.rend()};
  }

private:
  mutable std::mutex mutex_;
  /// Takes no memory without an error: there may be many models.
  std::vector<entry> entries_;
  std::uint64_t count_ = 0;
};

} // namespace troupe
