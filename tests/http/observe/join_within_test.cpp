#include "troupe/http/observe/join_within.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace troupe {

namespace {

using namespace std::chrono_literals;

/// Shared with the thread, which may be left behind.
struct awaited {
  std::mutex mutex;
  std::condition_variable changed;
  bool ending = false;
  bool ended = false;
};

std::thread waiting_thread(const std::shared_ptr<awaited>& x) {
  return std::thread{[x] {
    std::unique_lock guard{x->mutex};
    x->changed.wait(guard, [&] { return x->ending; });
    x->ended = true;
    x->changed.notify_all();
  }};
}

TEST(join_within, waits_for_a_thread_that_ends) {
  auto x = std::make_shared<awaited>();
  auto thread = waiting_thread(x);
  std::unique_lock guard{x->mutex};
  x->ending = true;
  x->changed.notify_all();
  EXPECT_TRUE(
    join_within(thread, guard, x->changed, 1h, [&] { return x->ended; }));
  EXPECT_FALSE(thread.joinable());
  EXPECT_FALSE(guard.owns_lock());
}

TEST(join_within, leaves_a_thread_behind_that_does_not) {
  auto x = std::make_shared<awaited>();
  auto thread = waiting_thread(x);
  std::unique_lock guard{x->mutex};
  EXPECT_FALSE(
    join_within(thread, guard, x->changed, 0ms, [&] { return x->ended; }));
  EXPECT_FALSE(thread.joinable());
  // It ends all the same, and nobody misses it.
  guard.lock();
  x->ending = true;
  x->changed.notify_all();
  x->changed.wait(guard, [&] { return x->ended; });
}

} // namespace

} // namespace troupe
