#pragma once

#include "troupe/specs/observe/thread_counter.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace troupe {

/// The upper bounds of the buckets for times, in nanoseconds. From the server's
/// own part, well below a millisecond, up to the longest answer that somebody
/// waits for.
inline constexpr std::array<std::uint64_t, 16> time_bounds{
  500'000,       1'000'000,      2'500'000,      5'000'000,
  10'000'000,    25'000'000,     50'000'000,     100'000'000,
  250'000'000,   500'000'000,    1'000'000'000,  2'500'000'000,
  5'000'000'000, 10'000'000'000, 30'000'000'000, 60'000'000'000};

/// Those for sizes of batches.
inline constexpr std::array<std::uint64_t, 10> size_bounds{
  1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

/// What a histogram has counted. A value.
template <std::size_t N>
struct histogram_counts {
  /// Not cumulative; the last is for what is above all bounds.
  std::array<std::uint64_t, N + 1> buckets{};
  std::uint64_t sum = 0;

  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t result = 0;
    for (auto n : buckets)
      result += n;
    return result;
  }
};

/// One thread's part of a histogram.
template <const auto& Bounds>
class histogram_part {
public:
  using counts = histogram_counts<Bounds.size()>;

  void add(std::uint64_t x, bool alone) noexcept {
    std::size_t i = 0;
    // From the front: most of what is counted is short.
    while (i < Bounds.size() && x > Bounds[i])
      ++i;
    buckets_[i].add(1, alone);
    sum_.add(x, alone);
  }

  void add(std::chrono::steady_clock::duration x, bool alone) noexcept {
    // A clock of another thread may be a little behind.
    add(x.count() > 0 ? static_cast<std::uint64_t>(x.count()) : 0, alone);
  }

  void merge_into(counts& to) const noexcept {
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      to.buckets[i] += buckets_[i].get();
    to.sum += sum_.get();
  }

private:
  std::array<counted, Bounds.size() + 1> buckets_{};
  counted sum_;
};

static_assert(std::chrono::steady_clock::period::den == 1'000'000'000);

} // namespace troupe
