#include "troupe/specs/observe/thread_slot.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <set>
#include <thread>
#include <vector>

using namespace troupe;

namespace {

TEST(thread_slot_test, stays_the_same_on_one_thread) {
  const auto mine = thread_slot();
  EXPECT_EQ(thread_slot(), mine);
}

TEST(thread_slot_test, is_nobody_elses_as_long_as_there_are_enough) {
  constexpr std::size_t n = 70;
  std::vector<std::size_t> seen(n);
  std::barrier all{static_cast<std::ptrdiff_t>(n)};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < n; ++i)
      threads.emplace_back([&, i] {
        seen[i] = thread_slot();
        all.arrive_and_wait();
      });
  }
  std::multiset<std::size_t> slots{seen.begin(), seen.end()};
  for (auto slot : slots) {
    ASSERT_LE(slot, thread_slots);
    if (slot < thread_slots) {
      EXPECT_EQ(slots.count(slot), 1U) << slot;
    }
  }
  EXPECT_GT(slots.count(thread_slots), 0U);
}

TEST(thread_slot_test, is_given_to_another_thread_later) {
  // Many more threads than there are numbers, one after the other.
  for (int i = 0; i < 200; ++i) {
    std::size_t slot = thread_slots;
    std::thread{[&] { slot = thread_slot(); }}.join();
    ASSERT_LT(slot, thread_slots);
  }
}

} // namespace
