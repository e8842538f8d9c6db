#pragma once

#include "troupe/specs/observe/thread_slot.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace troupe {

/// A number that one thread adds to, or many: all reads and writes are relaxed.
class counted {
public:
  /// @param alone whether no other thread adds to this one meanwhile
  void add(std::uint64_t n, bool alone) noexcept {
    if (alone) [[likely]]
      value_.store(value_.load(std::memory_order_relaxed) + n,
                   std::memory_order_relaxed);
    else
      value_.fetch_add(n, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// A counter that many threads add to without disturbing each other: each has a
/// part of its own. May go down, and then other parts make up for it; exact
/// when nothing runs. Thread-safe.
class thread_counter {
public:
  void add(std::uint64_t n = 1) noexcept {
    const auto slot = thread_slot();
    parts_[slot].value.add(n, slot < thread_slots);
  }

  void subtract(std::uint64_t n = 1) noexcept {
    add(~n + 1);
  }

  [[nodiscard]] std::uint64_t load() const noexcept {
    std::uint64_t result = 0;
    for (const auto& x : parts_)
      result += x.value.get();
    return result;
  }

private:
  static constexpr std::size_t cache_line = 64;

  struct alignas(cache_line) part {
    counted value;
  };

  std::array<part, thread_slots + 1> parts_{};
};

} // namespace troupe
