#include "troupe/actors/return_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <semaphore>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

TEST(return_gate, closes_only_behind_who_is_inside) {
  return_gate x;
  EXPECT_FALSE(x.close(x.last_visit())) << "nobody was";
  x.enter();
  x.leave();
  EXPECT_FALSE(x.close(x.last_visit())) << "he is back";
}

TEST(return_gate, lets_visits_nest) {
  return_gate x;
  x.enter();
  auto visit = x.last_visit();
  x.enter();
  EXPECT_EQ(x.last_visit(), visit);
  x.leave();
  EXPECT_TRUE(x.close(visit)) << "still inside the outer one";
}

TEST(return_gate, does_not_close_behind_a_later_visit) {
  return_gate x;
  x.enter();
  auto first = x.last_visit();
  x.leave();
  x.enter();
  EXPECT_FALSE(x.close(first));
  x.leave();
}

TEST(return_gate, is_passed_while_our_own_code_runs) {
  return_gate x;
  x.enter();
  auto depth = x.pause();
  EXPECT_FALSE(x.close(x.last_visit()));
  x.enter();
  x.leave();
  x.resume(depth);
  EXPECT_TRUE(x.close(x.last_visit()));
}

TEST(return_gate, is_not_entered_by_a_pause_outside) {
  return_gate x;
  auto depth = x.pause();
  x.resume(depth);
  EXPECT_FALSE(x.close(x.last_visit()));
}

TEST(return_gate, keeps_for_ever_who_comes_back_late) {
  // Shared with a thread that never ends.
  struct shared {
    return_gate gate;
    std::binary_semaphore inside{0};
    std::binary_semaphore leave{0};
    std::atomic<bool> returns{false};
    std::atomic<bool> back{false};
  };
  auto x = std::make_shared<shared>();
  std::thread{[x] {
    x->gate.enter();
    x->inside.release();
    x->leave.acquire();
    x->returns = true;
    x->gate.leave();
    x->back = true;
  }}.detach();
  x->inside.acquire();
  EXPECT_TRUE(x->gate.close(x->gate.last_visit()));
  x->leave.release();
  while (!x->returns)
    std::this_thread::yield();
  for (int i = 0; i < 1'000; ++i)
    std::this_thread::yield();
  EXPECT_FALSE(x->back);
}
