#include "troupe/tests/actors/pool_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class pool_batching_test : public pool_fixture {
protected:
  void start_batching(std::size_t n, std::size_t max_size,
                      std::chrono::microseconds max_delay) {
    pool_config options;
    options.batch = {max_size, max_delay};
    start(n, options);
  }
};

} // namespace

TEST_F(pool_batching_test, a_batch_closes_at_its_size) {
  start_batching(1, 3, 10ms);
  submit("a");
  submit("b");
  EXPECT_EQ(got(0), batches{});
  submit("c");
  EXPECT_EQ(got(0), (batches{{"a", "b", "c"}}));
}

TEST_F(pool_batching_test, a_batch_closes_after_its_delay) {
  start_batching(1, 3, 10ms);
  submit("a");
  submit("b");
  advance(9'999us);
  EXPECT_EQ(got(0), batches{});
  advance(1us);
  EXPECT_EQ(got(0), (batches{{"a", "b"}}));
}

TEST_F(pool_batching_test, the_delay_counts_from_the_first_item) {
  start_batching(1, 3, 10ms);
  submit("a");
  advance(6ms);
  submit("b");
  advance(4ms);
  EXPECT_EQ(got(0), (batches{{"a", "b"}}));
  // No second timer came with the second item.
  EXPECT_FALSE(sched.has_pending_timeout());
}

TEST_F(pool_batching_test, the_timer_of_a_full_batch_does_not_close_the_next) {
  start_batching(2, 2, 10ms);
  submit("a");
  advance(5ms);
  submit("b");
  ASSERT_EQ(got(1), (batches{{"a", "b"}}));
  submit("c");
  advance(5ms);
  EXPECT_EQ(got(0), batches{});
  advance(4'999us);
  EXPECT_EQ(got(0), batches{});
  advance(1us);
  EXPECT_EQ(got(0), (batches{{"c"}}));
}

TEST_F(pool_batching_test, without_a_delay_nothing_is_held_back) {
  start_batching(1, 3, 0us);
  submit("a");
  EXPECT_EQ(got(0), (batches{{"a"}}));
  EXPECT_FALSE(sched.has_pending_timeout());
}

TEST_F(pool_batching_test, what_piled_up_during_work_makes_a_batch) {
  start_batching(1, 3, 0us);
  for (auto id : {"a", "b", "c", "d", "e", "f"})
    submit(id);
  finish(0);
  finish(0);
  EXPECT_EQ(got(0), (batches{{"a"}, {"b", "c", "d"}, {"e", "f"}}));
}

TEST_F(pool_batching_test, a_batch_that_is_due_waits_for_a_worker_only) {
  start_batching(1, 2, 10ms);
  submit("a");
  submit("b");
  submit("c");
  advance(20ms);
  EXPECT_EQ(got(0), (batches{{"a", "b"}}));
  finish(0);
  EXPECT_EQ(got(0), (batches{{"a", "b"}, {"c"}}));
}

TEST_F(pool_batching_test, what_nobody_wants_takes_no_place_in_a_batch) {
  start_batching(1, 2, 0us);
  submit("busy");
  auto left = submit("left");
  submit("a");
  submit("b");
  left->cancel();
  finish(0);
  EXPECT_EQ(got(0).back(), (strings{"a", "b"}));
  EXPECT_EQ(outcome_of(*left), gone);
}

TEST_F(pool_batching_test, a_worker_is_not_used_up_by_a_batch_of_nobody) {
  start_batching(1, 2, 10ms);
  auto left = submit("left");
  left->cancel();
  advance(10ms);
  EXPECT_EQ(outcome_of(*left), gone);
  EXPECT_EQ(got(0), batches{});
  EXPECT_EQ(status().idle_workers, 1u);
  submit("a");
  submit("b");
  EXPECT_EQ(got(0), (batches{{"a", "b"}}));
}

TEST_F(pool_batching_test, an_open_batch_is_finished_by_a_patient_drain) {
  start_batching(1, 2, 10ms);
  auto ex = submit("a");
  auto drained = drain(true);
  EXPECT_FALSE(drained->value);
  advance(10ms);
  finish(0);
  EXPECT_EQ(outcome_of(*ex), ok);
  EXPECT_TRUE(drained->value);
}

TEST_F(pool_batching_test, is_drained_by_the_drop_of_its_last) {
  start_batching(1, 2, 10ms);
  auto left = submit("left");
  left->cancel();
  auto drained = drain(true);
  EXPECT_FALSE(drained->value);
  advance(10ms);
  EXPECT_EQ(outcome_of(*left), gone);
  EXPECT_TRUE(drained->value);
}
