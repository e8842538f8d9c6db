#include "troupe/tests/actors/pool_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class pool_death_test : public pool_fixture {
protected:
  static pool_config idempotent(batch_options batch = {}) {
    pool_config result;
    result.idempotent = true;
    result.batch = batch;
    return result;
  }
};

} // namespace

TEST_F(pool_death_test, a_dead_workers_exchange_is_answered_at_once) {
  start(2);
  auto other = submit("other");
  auto ex = submit("mine");
  ASSERT_EQ(got(0), (batches{{"mine"}}));
  kill_worker(0);
  EXPECT_EQ(outcome_of(*ex), died);
  EXPECT_TRUE(ex->cancelled());
  EXPECT_EQ(outcome_of(*other), "open");
  finish(1);
  EXPECT_EQ(outcome_of(*other), ok);
}

TEST_F(pool_death_test, gives_the_places_of_its_exchanges_back) {
  start(1);
  auto admission = std::make_shared<troupe::admission>(1);
  auto ex = ask();
  ex->ticket = admission_ticket{admission};
  submit(ex);
  EXPECT_EQ(admission->taken(), 1u);
  kill_worker(0);
  EXPECT_EQ(admission->taken(), 0u);
}

TEST_F(pool_death_test, every_member_of_a_batch_is_answered) {
  pool_config options;
  options.batch.max_size = 3;
  start(1, options);
  submit("first");
  auto a = submit("a");
  auto b = submit("b");
  finish(0);
  ASSERT_EQ(got(0).back(), (strings{"a", "b"}));
  kill_worker(0);
  EXPECT_EQ(outcome_of(*a), died);
  EXPECT_EQ(outcome_of(*b), died);
}

TEST_F(pool_death_test, what_was_answered_before_stays_as_it_is) {
  start(1);
  auto ex = submit("a");
  ex->finish(json_reply("done"));
  kill_worker(0);
  EXPECT_EQ(outcome_of(*ex), R"(200 "done")");
}

TEST_F(pool_death_test, what_waits_is_served_by_the_others) {
  start(2);
  submit("a");
  submit("b");
  auto ex = submit("c");
  kill_worker(0);
  EXPECT_EQ(outcome_of(*ex), "open");
  finish(1);
  EXPECT_EQ(got(1), (batches{{"a"}, {"c"}}));
}

TEST_F(pool_death_test, an_idle_one_gets_nothing_any_more) {
  start(2);
  kill_worker(1);
  auto ex = submit("a");
  EXPECT_EQ(got(0), (batches{{"a"}}));
  EXPECT_EQ(status().idle_workers, 0u);
  finish(0);
  EXPECT_EQ(outcome_of(*ex), ok);
}

TEST_F(pool_death_test, a_new_worker_takes_the_slot) {
  start(1);
  submit("a");
  kill_worker(0);
  auto ex = submit("b");
  EXPECT_EQ(outcome_of(*ex), "open");
  join(0);
  EXPECT_EQ(got(0), (batches{{"b"}}));
  EXPECT_EQ(status().workers, 1u);
}

TEST_F(pool_death_test, reported_after_its_successor_joined_harms_nobody) {
  start(1);
  auto first = submit("a");
  auto old = workers[0];
  join(0);
  EXPECT_EQ(outcome_of(*first), died);
  auto second = submit("b");
  kill(old.actor);
  EXPECT_EQ(outcome_of(*second), "open");
  finish(0);
  EXPECT_EQ(outcome_of(*second), ok);
}

TEST_F(pool_death_test, an_idle_report_of_the_dead_is_ignored) {
  start(1);
  kill_worker(0);
  tell(tested, atom::idle_v, worker_index{0});
  run();
  EXPECT_EQ(status().idle_workers, 0u);
  submit("a");
  EXPECT_EQ(status().queued, 1u);
}

TEST_F(pool_death_test, an_idempotent_exchange_is_tried_on_another_worker) {
  start(2, idempotent());
  submit("other");
  auto ex = submit("a");
  ASSERT_EQ(got(0), (batches{{"a"}}));
  kill_worker(0);
  EXPECT_EQ(outcome_of(*ex), "open");
  finish(1);
  EXPECT_EQ(got(1), (batches{{"other"}, {"a"}}));
  finish(1);
  EXPECT_EQ(outcome_of(*ex), ok);
}

TEST_F(pool_death_test, an_idempotent_exchange_is_tried_twice_and_no_more) {
  start(1, idempotent());
  auto ex = submit("a");
  kill_worker(0);
  join(0);
  EXPECT_EQ(got(0), (batches{{"a"}}));
  kill_worker(0);
  EXPECT_EQ(outcome_of(*ex), died);
  join(0);
  EXPECT_EQ(got(0), batches{});
}

TEST_F(pool_death_test, a_retried_exchange_goes_before_those_that_wait) {
  start(1, idempotent());
  submit("a");
  submit("b");
  kill_worker(0);
  join(0);
  EXPECT_EQ(got(0), (batches{{"a"}}));
}

TEST_F(pool_death_test, a_stream_that_has_begun_is_not_retried) {
  start(1, idempotent());
  auto ex = submit("a");
  ex->write(payload{nlohmann::json(1)});
  kill_worker(0);
  EXPECT_EQ(outcome_of(*ex), died);
}

TEST_F(pool_death_test, what_nobody_wants_is_not_retried) {
  start(2, idempotent());
  auto left = submit("left");
  auto expired = ask("{}", "expired");
  expired->time.lower_deadline(now() + 1s);
  submit(expired);
  left->cancel();
  advance(1s);
  kill_worker(1);
  kill_worker(0);
  EXPECT_EQ(outcome_of(*left), gone);
  EXPECT_EQ(outcome_of(*expired), late);
  EXPECT_EQ(status().queued, 0u);
}

TEST_F(pool_death_test, a_retried_batch_is_tried_one_by_one_in_its_order) {
  start(1, idempotent({3, 10ms}));
  for (auto id : {"a", "b", "c"})
    submit(id);
  ASSERT_EQ(got(0), (batches{{"a", "b", "c"}}));
  kill_worker(0);
  join(0);
  submit("d");
  for (int i = 0; i < 3; ++i)
    finish(0);
  advance(10ms);
  EXPECT_EQ(got(0), (batches{{"a"}, {"b"}, {"c"}, {"d"}}));
}

TEST_F(pool_death_test, a_retried_exchange_has_no_second_delay) {
  start(1, idempotent({3, 10ms}));
  submit("a");
  advance(10ms);
  ASSERT_EQ(got(0), (batches{{"a"}}));
  kill_worker(0);
  join(0);
  EXPECT_EQ(got(0), (batches{{"a"}}));
}

TEST_F(pool_death_test, takes_back_by_what_a_worker_raised_the_bound) {
  pool_config options;
  options.batch.max_size = 4;
  options.admission = std::make_shared<troupe::admission>(10);
  start(1, options);
  EXPECT_EQ(options.admission->limit(), 10u) << "a batch is in the bound";
  join(1, 100);
  EXPECT_EQ(options.admission->limit(), 106u);
  join(2, 5);
  EXPECT_EQ(options.admission->limit(), 107u);
  kill_worker(1);
  EXPECT_EQ(options.admission->limit(), 11u);
  join(1, 50);
  EXPECT_EQ(options.admission->limit(), 57u);
  kill_worker(0);
  EXPECT_EQ(options.admission->limit(), 57u);
}
