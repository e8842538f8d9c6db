#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::load {

/// Durations in buckets whose width is at most 1/1024 of their value, from
/// 1 ns to 73 minutes (2^42 ns): the layout of HdrHistogram with three
/// significant digits. What is longer counts as the longest. Merging loses
/// nothing. A value; not thread-safe.
class histogram {
public:
  using duration = std::chrono::nanoseconds;

  static constexpr duration longest{(std::int64_t{1} << 42) - 1};

  /// Values below 0 count as 0.
  void record(duration value, std::uint64_t times = 1);

  void merge(const histogram& other);

  [[nodiscard]] std::uint64_t count() const noexcept {
    return count_;
  }

  /// The smallest recorded value that at least `percent` (0 to 100) of the
  /// values do not exceed, rounded up to the end of its bucket but never above
  /// `max()`; 0 when empty.
  [[nodiscard]] duration percentile(double percent) const;

  /// The share of values not above `limit`, 0 to 1; 1 when empty. Exact to a
  /// bucket.
  [[nodiscard]] double share_within(duration limit) const;

  [[nodiscard]] duration min() const noexcept;
  [[nodiscard]] duration max() const noexcept {
    return max_;
  }

  /// Of the exact values, not of the buckets.
  [[nodiscard]] duration mean() const;
  [[nodiscard]] duration standard_deviation() const;

  /// A bucket that is not empty.
  struct bucket {
    duration highest{};
    std::uint64_t count = 0;
  };

  /// In rising order.
  [[nodiscard]] std::vector<bucket> buckets() const;

private:
  static std::size_t index_of(std::uint64_t ns) noexcept;
  static std::uint64_t highest_of(std::size_t index) noexcept;

  /// Grows to the largest value seen.
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  duration min_ = longest;
  duration max_{};
  double sum_ = 0;
  double sum_of_squares_ = 0;
};

} // namespace troupe::load
