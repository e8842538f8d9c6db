#include "troupe/specs/observe/thread_slot.hpp"

#include "troupe/specs/observe/shared_thread_slots.hpp"

#include <atomic>
#include <bit>
#include <cstdint>

namespace troupe {

namespace {

/// A bit for each number that is taken.
std::atomic<std::uint64_t>& taken_slots() noexcept {
  static std::atomic<std::uint64_t> result{0};
  return result;
}

std::size_t take_slot() noexcept {
  auto& taken = taken_slots();
  auto old = taken.load(std::memory_order_acquire);
  while (~old != 0) {
    const auto n = std::countr_one(old);
    if (taken.compare_exchange_weak(old, old | (std::uint64_t{1} << n),
                                    std::memory_order_acq_rel))
      return static_cast<std::size_t>(n);
  }
  return thread_slots;
}

/// The function to ask instead; null in the program's own copy.
std::atomic<std::size_t (*)() noexcept> other_copy{nullptr};

struct slot_owner {
  slot_owner() noexcept : number(take_slot()) {
    // nop
  }

  slot_owner(const slot_owner&) = delete;
  slot_owner& operator=(const slot_owner&) = delete;

  ~slot_owner() {
    if (number < thread_slots)
      taken_slots().fetch_and(~(std::uint64_t{1} << number),
                              std::memory_order_release);
    // For what still counts on this thread.
    number = thread_slots;
  }

  std::size_t number;
};

static_assert(thread_slots == 64);

} // namespace

void share_thread_slots(std::size_t (*of_other)() noexcept) noexcept {
  if (of_other != &thread_slot)
    other_copy.store(of_other, std::memory_order_relaxed);
}

std::size_t thread_slot() noexcept {
  if (auto* other = other_copy.load(std::memory_order_relaxed)) [[unlikely]]
    return other();
  static thread_local slot_owner owner;
  return owner.number;
}

} // namespace troupe
