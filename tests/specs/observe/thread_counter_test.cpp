#include "troupe/specs/observe/thread_counter.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

using namespace troupe;

namespace {

TEST(thread_counter_test, loses_nothing_however_many_threads_count) {
  thread_counter x;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 80; ++i)
      threads.emplace_back([&x] {
        for (int n = 0; n < 1'000; ++n)
          x.add();
      });
  }
  EXPECT_EQ(x.load(), 80'000U);
}

TEST(thread_counter_test, what_one_thread_adds_another_may_subtract) {
  thread_counter x;
  x.add(3);
  std::thread{[&x] { x.subtract(2); }}.join();
  EXPECT_EQ(x.load(), 1U);
  x.subtract();
  EXPECT_EQ(x.load(), 0U);
}

} // namespace
