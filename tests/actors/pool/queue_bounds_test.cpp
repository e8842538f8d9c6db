#include "troupe/actors/pool/queue_bounds.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class queue_bounds_test : public testing::Test {
protected:
  std::shared_ptr<recording_exchange> ask(time_limits limits = {}) {
    auto result = make_sink<recording_exchange>();
    result->time.begin(time, limits);
    return result;
  }

  void wait(const std::shared_ptr<exchange>& ex) {
    queue.push({ex, time}, {});
  }

  /// Makes it known that a request takes 10 ms, with one worker.
  void measure() {
    wait(ask());
    tested.note(queue, true, time);
    for (int i = 0; i < 10; ++i) {
      time += 10ms;
      tested.took(10ms);
      tested.ended(1, time);
    }
  }

  bool refuses(const std::shared_ptr<exchange>& ex,
               const queue_position& at = {}) {
    return tested.refuses(*ex, at, queue, time);
  }

  deadline_clock::time_point time{1h};
  std::shared_ptr<troupe::admission> bound =
    std::make_shared<troupe::admission>(100);
  fair_queue queue;
  queue_bounds tested{{}, bound};
};

} // namespace

TEST_F(queue_bounds_test, refuses_what_would_be_answered_too_late) {
  measure();
  for (int i = 0; i < 29; ++i)
    wait(ask());
  auto late = ask({.timeout = 200ms});
  EXPECT_TRUE(refuses(late));
  ASSERT_TRUE(late->error);
  EXPECT_EQ(late->error->effective_status(), 503);
  EXPECT_EQ(late->error->headers.find("Retry-After"), "1");
  EXPECT_FALSE(refuses(ask({.timeout = 400ms})));
  EXPECT_TRUE(refuses(ask({.timeout = 305ms})))
    << "the call itself takes 10 ms";
  EXPECT_TRUE(refuses(ask({.queue = 200ms, .timeout = 10s})));
  EXPECT_FALSE(refuses(ask())) << "it has no limit";
}

TEST_F(queue_bounds_test, lets_urgent_ones_in_that_will_be_in_time) {
  measure();
  for (int i = 0; i < 29; ++i)
    wait(ask());
  EXPECT_FALSE(refuses(ask({.timeout = 200ms}), {.urgency = 0}));
  EXPECT_FALSE(refuses(ask({.timeout = 200ms}), {.client = "another"}));
}

TEST_F(queue_bounds_test, refuses_nothing_while_a_worker_is_free) {
  measure();
  queue.pop();
  tested.note(queue, false, time);
  EXPECT_FALSE(refuses(ask({.timeout = 1ms})));
}

TEST_F(queue_bounds_test, refuses_nothing_by_what_it_does_not_know) {
  for (int i = 0; i < 1000; ++i)
    wait(ask());
  tested.note(queue, true, time);
  EXPECT_FALSE(refuses(ask({.timeout = 1ms})));
}

TEST_F(queue_bounds_test, says_when_to_come_again_by_what_waits) {
  measure();
  for (int i = 0; i < 400; ++i)
    wait(ask());
  auto ex = ask();
  tested.overload(*ex, queue);
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->headers.find("Retry-After"), "5");
  tested.note(queue, true, time);
  EXPECT_NEAR(static_cast<double>(bound->backlog().count()), 4010, 20);
  queue.clear([](exchange&) {});
  tested.note(queue, true, time);
  EXPECT_EQ(bound->backlog(), 0ms);
}

TEST_F(queue_bounds_test, bounds_what_a_client_has_in_work) {
  tested =
    queue_bounds{{.fair_by = fair_by::address, .max_per_client = 2}, bound};
  const queue_position own{3, "a"};
  auto first = ask();
  auto second = ask();
  EXPECT_FALSE(refuses(first, own));
  EXPECT_FALSE(refuses(second, own));
  auto third = ask();
  EXPECT_TRUE(refuses(third, own));
  ASSERT_TRUE(third->error);
  EXPECT_EQ(third->error->effective_status(), 429);
  EXPECT_TRUE(third->error->headers.find("Retry-After"));
  EXPECT_FALSE(refuses(ask(), {3, "b"}));
  first->in_pool.client_ticket.release();
  EXPECT_FALSE(refuses(ask(), own));
}

TEST_F(queue_bounds_test, counts_right_for_more_clients_than_it_remembers) {
  tested =
    queue_bounds{{.fair_by = fair_by::address, .max_per_client = 1}, bound};
  auto held = ask();
  EXPECT_FALSE(refuses(held, {3, "held"}));
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(refuses(ask(), {3, std::to_string(i)}));
  EXPECT_TRUE(refuses(ask(), {3, "held"}));
}
