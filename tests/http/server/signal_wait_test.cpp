// The signals themselves are tested with a program of its own.
#include "troupe/http/server/signal_wait.hpp"

#include <gtest/gtest.h>

#include <future>
#include <signal.h>
#include <unistd.h>

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

class signal_rules_test : public ::testing::Test {
public:
  /// What a signal asks for some milliseconds after the one before.
  signal_order on(int number, int later_ms = 0) {
    now += milliseconds{later_ms};
    return rules.on(number, now);
  }

  signal_rules rules;
  signal_rules::clock::time_point now{};
};

TEST_F(signal_rules_test, the_first_signal_stops) {
  EXPECT_EQ(signal_rules{}.on(SIGTERM, now), signal_order::stop);
  EXPECT_EQ(signal_rules{}.on(SIGINT, now), signal_order::stop);
}

TEST_F(signal_rules_test, a_repeated_sigterm_changes_nothing) {
  EXPECT_EQ(on(SIGTERM), signal_order::stop);
  for (auto later : {0, 1, 200, 5'000, 1'000'000})
    EXPECT_EQ(on(SIGTERM, later), signal_order::none);
}

TEST_F(signal_rules_test, a_sigterm_after_a_sigint_changes_nothing) {
  EXPECT_EQ(on(SIGINT), signal_order::stop);
  EXPECT_EQ(on(SIGTERM), signal_order::none);
  EXPECT_EQ(on(SIGTERM, 5'000), signal_order::none);
}

TEST_F(signal_rules_test, a_sigint_a_second_after_the_first_ends_at_once) {
  EXPECT_EQ(on(SIGINT), signal_order::stop);
  EXPECT_EQ(on(SIGINT, 0), signal_order::none);
  EXPECT_EQ(on(SIGINT, 999), signal_order::none);
  EXPECT_EQ(on(SIGINT, 1), signal_order::end_now);
}

TEST_F(signal_rules_test, the_second_counts_from_the_first_sigint) {
  EXPECT_EQ(on(SIGTERM), signal_order::stop);
  EXPECT_EQ(on(SIGINT, 5'000), signal_order::none);
  EXPECT_EQ(on(SIGINT, 500), signal_order::none);
  EXPECT_EQ(on(SIGINT, 500), signal_order::end_now);
}

TEST_F(signal_rules_test, sighup_has_no_part_in_the_end) {
  EXPECT_EQ(on(SIGHUP), signal_order::reload);
  EXPECT_EQ(on(SIGUSR1), signal_order::reopen);
  EXPECT_EQ(on(SIGTERM), signal_order::stop);
  EXPECT_EQ(on(SIGHUP, 5'000), signal_order::reload);
}

void some_handler(int) {
  // nop
}

/// Does `f` while a signal has that handler; then finds it unchanged.
template <class F>
void with_handler(int number, void (*handler)(int), F f) {
  struct sigaction before {};
  struct sigaction wanted {};
  struct sigaction after {};
  wanted.sa_handler = handler;
  ::sigaction(number, &wanted, &before);
  f();
  ::sigaction(number, &before, &after);
  EXPECT_EQ(after.sa_handler, handler) << number;
}

void (*handler_of(int number))(int) {
  struct sigaction now {};
  ::sigaction(number, nullptr, &now);
  return now.sa_handler;
}

TEST(signal_wait, leaves_everything_as_it_was) {
  for (auto n : {SIGTERM, SIGINT, SIGHUP})
    with_handler(n, some_handler, [n] {
      notification target;
      signal_wait tested{target, no_log()};
      EXPECT_NE(handler_of(n), some_handler);
    });
}

TEST(signal_wait, leaves_sighup_ignored_where_it_was) {
  with_handler(SIGHUP, SIG_IGN, [] {
    notification target;
    signal_wait tested{target, no_log()};
    EXPECT_EQ(handler_of(SIGHUP), SIG_IGN);
  });
}

TEST(signal_wait, notifies_before_it_logs) {
  notification target;
  std::promise<void> logged;
  std::promise<void> go_on;
  {
    signal_wait tested{target, [&](log_level, std::string_view) {
                         logged.set_value();
                         go_on.get_future().wait();
                       }};
    ::kill(::getpid(), SIGTERM);
    target.wait();
    logged.get_future().wait();
    go_on.set_value();
  }
}

TEST(quiet_writes, ignore_what_would_end_the_process) {
  for (auto n : {SIGPIPE, SIGXFSZ}) {
    with_handler(n, SIG_DFL, [n] {
      quiet_writes tested;
      EXPECT_EQ(handler_of(n), SIG_IGN);
    });
    with_handler(n, some_handler, [n] {
      quiet_writes tested;
      EXPECT_EQ(handler_of(n), some_handler) << "the program's own";
    });
  }
}

} // namespace

} // namespace troupe
