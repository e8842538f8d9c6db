// The signals themselves are tested with a program of its own.
#include "troupe/http/server/signal_wait.hpp"

#include <gtest/gtest.h>

#include <future>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(notification, ends_a_wait_that_began_before) {
  notification n;
  auto waiter = std::async(std::launch::async, [&] { n.wait(); });
  EXPECT_EQ(waiter.wait_for(milliseconds{10}), std::future_status::timeout);
  n.notify();
  EXPECT_EQ(waiter.wait_for(std::chrono::seconds{10}),
            std::future_status::ready);
}

TEST(notification, wakes_everybody_who_waits) {
  notification n;
  auto a = std::async(std::launch::async, [&] { n.wait(); });
  auto b = std::async(std::launch::async, [&] { n.wait(); });
  n.notify();
  EXPECT_EQ(a.wait_for(std::chrono::seconds{10}), std::future_status::ready);
  EXPECT_EQ(b.wait_for(std::chrono::seconds{10}), std::future_status::ready);
}

TEST(notification, stays_so) {
  notification n;
  n.notify();
  n.notify();
  auto waiter = std::async(std::launch::async, [&] {
    n.wait();
    n.wait();
  });
  EXPECT_EQ(waiter.wait_for(std::chrono::seconds{10}),
            std::future_status::ready);
}

TEST(notification, lets_time_pass_whether_or_not_it_has_happened) {
  for (auto happened : {false, true}) {
    notification n;
    if (happened)
      n.notify();
    auto begin = steady_clock::now();
    n.sleep(milliseconds{15});
    EXPECT_GE(steady_clock::now() - begin, milliseconds{15});
  }
}

} // namespace

} // namespace troupe
