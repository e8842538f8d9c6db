#include "troupe/http/connection/replaceable_thread.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <semaphore>

namespace troupe {

namespace {

using namespace std::chrono_literals;

/// Shared with a thread that may never end.
struct signs {
  std::binary_semaphore inside{0};
  std::binary_semaphore leave{0};
};

/// Starts a thread and returns when it is inside a user's code, from which it
/// comes back when the test lets it.
std::shared_ptr<signs> start_in_users_code(replaceable_thread& x) {
  auto s = std::make_shared<signs>();
  x.start([s](return_gate& gate) {
    gate.enter();
    s->inside.release();
    s->leave.acquire();
    gate.leave();
  });
  s->inside.acquire();
  return s;
}

TEST(replaceable_thread, is_joined) {
  replaceable_thread x;
  EXPECT_FALSE(x.runs());
  x.join(1ms);
  auto ran = false;
  x.start([&](return_gate&) { ran = true; });
  EXPECT_TRUE(x.runs());
  x.join(10s);
  EXPECT_TRUE(ran);
  EXPECT_FALSE(x.runs());
  EXPECT_EQ(x.lost(), 0U);
}

TEST(replaceable_thread, is_left_behind_inside_a_users_code_and_replaced) {
  replaceable_thread x;
  auto s = start_in_users_code(x);
  std::promise<void> never;
  EXPECT_TRUE(x.left_behind_before(never.get_future(), 1ms));
  EXPECT_FALSE(x.runs());
  EXPECT_EQ(x.lost(), 1U);
  auto ran = false;
  x.start([&](return_gate&) { ran = true; });
  x.join(10s);
  EXPECT_TRUE(ran);
  s->leave.release();
}

TEST(replaceable_thread, is_waited_for_outside_of_a_users_code) {
  auto s = std::make_shared<signs>();
  replaceable_thread x;
  x.start([s](return_gate&) {
    s->inside.release();
    s->leave.acquire();
  });
  s->inside.acquire();
  std::promise<void> never;
  EXPECT_FALSE(x.left_behind_before(never.get_future(), 1ms));
  EXPECT_TRUE(x.runs());
  s->leave.release();
  x.join(1ms);
  EXPECT_EQ(x.lost(), 0U);
}

TEST(replaceable_thread, is_not_joined_for_ever) {
  replaceable_thread x;
  auto s = start_in_users_code(x);
  x.join(1ms);
  EXPECT_EQ(x.lost(), 1U);
  s->leave.release();
}

} // namespace

} // namespace troupe
