#include "troupe/tests/actors/pool_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using pool_test = pool_fixture;

} // namespace

TEST_F(pool_test, an_idle_worker_gets_what_comes) {
  start(1);
  auto ex = submit("a");
  EXPECT_EQ(got(0), (batches{{"a"}}));
  EXPECT_EQ(outcome_of(*ex), "open");
  finish(0);
  EXPECT_EQ(outcome_of(*ex), ok);
}

TEST_F(pool_test, nothing_is_pushed_at_a_busy_worker) {
  start(1);
  submit("a");
  submit("b");
  submit("c");
  EXPECT_EQ(got(0), (batches{{"a"}}));
  EXPECT_EQ(status().queued, 2u);
  finish(0);
  EXPECT_EQ(got(0), (batches{{"a"}, {"b"}}));
}

TEST_F(pool_test, the_queue_is_served_in_its_order_by_whoever_is_free) {
  start(2);
  for (auto id : {"a", "b", "c", "d", "e"})
    submit(id);
  finish(0);
  finish(0);
  finish(1);
  EXPECT_EQ(got(1), (batches{{"a"}, {"e"}}));
  EXPECT_EQ(got(0), (batches{{"b"}, {"c"}, {"d"}}));
}

TEST_F(pool_test, what_waits_before_a_worker_is_ready_is_served_then) {
  start(0);
  submit("a");
  EXPECT_EQ(status().queued, 1u);
  join(0);
  EXPECT_EQ(got(0), (batches{{"a"}}));
}

TEST_F(pool_test, an_idle_report_that_comes_twice_counts_once) {
  start(1);
  tell(tested, atom::idle_v, worker_index{0});
  tell(tested, atom::idle_v, worker_index{0});
  run();
  EXPECT_EQ(status().idle_workers, 1u);
  submit("a");
  submit("b");
  EXPECT_EQ(got(0), (batches{{"a"}}));
}

TEST_F(pool_test, an_expired_exchange_never_reaches_a_worker) {
  start(1);
  submit("a");
  auto ex = ask("{}", "b");
  ex->time.lower_deadline(now() + 1s);
  submit(ex);
  submit("c");
  advance(1s);
  finish(0);
  EXPECT_EQ(got(0), (batches{{"a"}, {"c"}}));
  EXPECT_EQ(outcome_of(*ex), late);
}

TEST_F(pool_test, a_cancelled_exchange_never_reaches_a_worker) {
  start(1);
  submit("a");
  auto ex = submit("b");
  ex->cancel();
  finish(0);
  EXPECT_EQ(got(0), (batches{{"a"}}));
  EXPECT_EQ(outcome_of(*ex), gone);
  EXPECT_EQ(status().idle_workers, 1u);
}

TEST_F(pool_test, a_sweep_drops_what_nobody_wants_and_nothing_else) {
  start(1);
  auto running = submit("running");
  auto late_one = ask("{}", "late");
  late_one->time.lower_deadline(now() + 1s);
  running->time.lower_deadline(now() + 1s);
  submit(late_one);
  auto left = submit("left");
  auto wanted = submit("wanted");
  left->cancel();
  advance(1s);
  EXPECT_EQ(outcome_of(*late_one), "open");
  tell(tested, atom::sweep_v);
  run();
  EXPECT_EQ(outcome_of(*late_one), late);
  EXPECT_EQ(outcome_of(*left), gone);
  EXPECT_EQ(outcome_of(*wanted), "open");
  EXPECT_EQ(outcome_of(*running), "open");
  EXPECT_EQ(status().queued, 1u);
}

TEST_F(pool_test, a_dropped_exchange_gives_its_place_back_at_once) {
  start(0);
  auto admission = std::make_shared<troupe::admission>(2);
  auto ex = ask();
  ex->ticket = admission_ticket{admission};
  ex->time.lower_deadline(now());
  submit(ex);
  EXPECT_EQ(admission->taken(), 1u);
  tell(tested, atom::sweep_v);
  run();
  EXPECT_EQ(admission->taken(), 0u);
}

TEST_F(pool_test, reports_its_numbers) {
  start(3);
  submit("a");
  submit("b");
  auto x = status();
  EXPECT_EQ(x.workers, 3u);
  EXPECT_EQ(x.idle_workers, 1u);
  EXPECT_EQ(x.running, 2u);
  EXPECT_EQ(x.queued, 0u);
  kill_worker(2);
  kill_worker(0);
  x = status();
  EXPECT_EQ(x.workers, 1u);
  EXPECT_EQ(x.idle_workers + x.running, 1u);
}

TEST_F(pool_test, an_empty_one_is_drained_at_once) {
  start(1);
  EXPECT_TRUE(drain(true)->value);
  EXPECT_TRUE(drain(false)->value);
}

TEST_F(pool_test, is_drained_when_nothing_waits_or_runs) {
  start(1);
  submit("a");
  auto b = submit("b");
  auto first = drain(true);
  auto second = drain(true);
  finish(0);
  EXPECT_FALSE(first->value);
  finish(0);
  EXPECT_TRUE(first->value);
  EXPECT_TRUE(second->value);
  EXPECT_EQ(outcome_of(*b), ok);
}

TEST_F(pool_test, still_takes_work_during_a_patient_drain) {
  start(1);
  submit("a");
  auto drained = drain(true);
  auto b = submit("b");
  finish(0);
  EXPECT_FALSE(drained->value);
  finish(0);
  EXPECT_TRUE(drained->value);
  EXPECT_EQ(outcome_of(*b), ok);
}

TEST_F(pool_test, an_impatient_drain_refuses_what_waits_and_what_comes) {
  start(1);
  auto running = submit("running");
  auto waiting = submit("waiting");
  auto drained = drain(false);
  EXPECT_EQ(outcome_of(*waiting), refused);
  auto later = submit("later");
  EXPECT_EQ(outcome_of(*later), refused);
  EXPECT_EQ(outcome_of(*running), "open");
  EXPECT_FALSE(running->cancelled());
  EXPECT_FALSE(drained->value);
  finish(0);
  EXPECT_EQ(outcome_of(*running), ok);
  EXPECT_TRUE(drained->value);
}

TEST_F(pool_test, is_drained_by_the_death_of_its_last_worker) {
  start(1);
  submit("a");
  auto drained = drain(true);
  EXPECT_FALSE(drained->value);
  kill_worker(0);
  EXPECT_TRUE(drained->value);
}

TEST_F(pool_test, is_drained_by_a_sweep_of_the_last_that_waits) {
  start(0);
  auto ex = submit("a");
  auto drained = drain(true);
  ex->cancel();
  EXPECT_FALSE(drained->value);
  tell(tested, atom::sweep_v);
  run();
  EXPECT_TRUE(drained->value);
}

TEST_F(pool_test, cancel_fails_what_waits_and_tells_what_runs) {
  start(1);
  auto running = submit("running");
  auto waiting = submit("waiting");
  tell(tested, atom::cancel_v);
  run();
  EXPECT_EQ(outcome_of(*waiting), refused);
  EXPECT_EQ(outcome_of(*running), refused);
  EXPECT_TRUE(running->cancelled());
  auto later = submit("later");
  EXPECT_EQ(outcome_of(*later), refused);
  EXPECT_EQ(got(0), (batches{{"running"}}));
  // The worker still has it, and nobody waits for that.
  EXPECT_TRUE(drain(true)->value);
}

TEST_F(pool_test, its_end_leaves_nobody_without_an_answer) {
  start(0);
  // Its sink answers when the last reference goes.
  std::weak_ptr<exchange> ex = submit("a");
  EXPECT_FALSE(ex.expired());
  kill(tested);
  EXPECT_TRUE(ex.expired());
}

TEST_F(pool_test, a_worker_with_room_for_several_gets_several) {
  start(0);
  join(0, 3);
  std::vector<recording_ptr> all;
  for (auto id : {"a", "b", "c", "d"})
    all.push_back(submit(id));
  EXPECT_EQ(got(0), (batches{{"a"}, {"b"}, {"c"}}));
  EXPECT_EQ(status().queued, 1u);
  // The second ends first.
  all[1]->finish();
  tell(tested, atom::idle_v, worker_index{0});
  run();
  EXPECT_EQ(got(0), (batches{{"a"}, {"b"}, {"c"}, {"d"}}));
  EXPECT_EQ(status().running, 3u);
}

TEST_F(pool_test, the_worker_with_the_most_room_is_asked_first) {
  start(0);
  join(0, 2);
  join(1, 2);
  for (auto id : {"a", "b", "c", "d"})
    submit(id);
  EXPECT_EQ(got(0).size(), 2u);
  EXPECT_EQ(got(1).size(), 2u);
}

TEST_F(pool_test, the_death_of_a_worker_answers_all_that_it_had_open) {
  start(0);
  join(0, 3);
  auto a = submit("a");
  auto b = submit("b");
  a->finish();
  kill_worker(0);
  EXPECT_EQ(outcome_of(*a), "200 ");
  EXPECT_EQ(outcome_of(*b), died);
}
