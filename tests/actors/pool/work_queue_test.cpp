// The queue by itself: its owner is the test, and so are the workers.
#include "troupe/actors/pool/input_mark.hpp"
#include "troupe/tests/actors/pool/work_queue_fixture.hpp"

#include <algorithm>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class work_queue_test : public work_queue_fixture {};

} // namespace

TEST_F(work_queue_test, gives_a_worker_as_much_as_it_takes_at_once) {
  start();
  put("a");
  EXPECT_EQ(sent, strings{});
  join(0, 2);
  put("b");
  put("c");
  EXPECT_EQ(sent, (strings{"a", "b"}));
  EXPECT_EQ(tested.status().queued, 1u);
  tested.idle({0});
  EXPECT_EQ(sent, (strings{"a", "b", "c"}));
}

TEST_F(work_queue_test, asks_for_a_tick_once_for_each_open_batch) {
  start({.batch = {.max_size = 2, .max_delay = 3ms}});
  join(0);
  put("a");
  ASSERT_EQ(ticks.size(), 1u);
  EXPECT_EQ(ticks[0].first, 3ms);
  put("b");
  EXPECT_EQ(sent, strings{"ab"}) << "it is full";
  tested.idle({0});
  put("c");
  tested.tick({ticks[0].second.value + 7});
  EXPECT_EQ(sent, strings{"ab"}) << "another batch's tick";
  time += 3ms;
  tested.tick(ticks.back().second);
  EXPECT_EQ(sent, (strings{"ab", "c"}));
}

TEST_F(work_queue_test, raises_the_bound_while_a_large_worker_is_there) {
  auto bound = std::make_shared<troupe::admission>(10);
  start({.admission = bound});
  auto worker = join(0, 5);
  EXPECT_EQ(bound->limit(), 14u);
  tested.died(worker.address());
  EXPECT_EQ(bound->limit(), 10u);
}

TEST_F(work_queue_test, answers_what_a_dead_worker_had) {
  start();
  auto worker = join(0);
  auto ex = put("a");
  tested.died(worker.address());
  EXPECT_EQ(outcome_of(*ex),
            R"(worker_died: "Worker died while processing the request")");
  EXPECT_EQ(tested.status().workers, 0u);
  tested.idle({0});
  EXPECT_EQ(tested.status().idle_workers, 0u) << "a report that came too late";
}

TEST_F(work_queue_test, tries_once_more_what_may_be_repeated) {
  start({.idempotent = true});
  auto worker = join(0);
  auto ex = put("a");
  tested.died(worker.address());
  EXPECT_EQ(outcome_of(*ex), "open");
  worker = join(0);
  EXPECT_EQ(sent, (strings{"a", "a"}));
  tested.died(worker.address());
  EXPECT_NE(outcome_of(*ex).find("worker_died"), std::string::npos);
}

TEST_F(work_queue_test, takes_back_what_a_replaced_worker_has_not_begun) {
  start();
  join(0);
  auto ex = put("a");
  tested.reclaim({0});
  EXPECT_EQ(ex->in_pool.attempts, 0);
  EXPECT_EQ(tested.status().queued, 1u);
  join(0);
  EXPECT_EQ(sent, (strings{"a", "a"}));
}

TEST_F(work_queue_test, refuses_while_no_worker_will_come) {
  start();
  auto first = put("a");
  tested.fail("its workers died");
  EXPECT_EQ(outcome_of(*first), R"(not_ready: "its workers died")");
  EXPECT_EQ(outcome_of(*put("b")), R"(not_ready: "its workers died")");
  join(0);
  put("c");
  EXPECT_EQ(sent, strings{"c"});
}

TEST_F(work_queue_test, refuses_an_input_that_workers_die_of_for_a_while) {
  start();
  join(0, 9);
  auto bad = ask(R"({"x":1})", "bad");
  tested.shun(input_mark(bad->request), 10ms);
  tested.put(bad);
  EXPECT_NE(outcome_of(*bad).find("worker_died"), std::string::npos);
  put("good");
  time += 10ms;
  put("later", R"({"x":1})");
  EXPECT_EQ(sent, (strings{"good", "later"}));
}

TEST_F(work_queue_test, drops_what_nobody_waits_for) {
  start();
  auto left = put("a");
  auto late = put("b");
  late->time.lower_deadline(time + 1ms);
  put("c");
  left->cancel();
  time += 2ms;
  tested.sweep();
  EXPECT_NE(outcome_of(*left).find("cancelled"), std::string::npos);
  EXPECT_NE(outcome_of(*late).find("deadline_exceeded"), std::string::npos);
  EXPECT_EQ(tested.status().queued, 1u);
}

// -- workers on other machines ------------------------------------------------

TEST_F(work_queue_test, gives_to_the_worker_with_the_least_to_do) {
  start();
  auto far = join_remote(0, 3);
  auto farther = join_remote(1, 3);
  for (const auto* id : {"a", "b", "c", "d"})
    put(id);
  EXPECT_EQ(std::count(receivers.begin(), receivers.end(), far), 2);
  EXPECT_EQ(std::count(receivers.begin(), receivers.end(), farther), 2);
  tested.idle({0});
  tested.idle({0});
  put("e");
  put("f");
  EXPECT_EQ(receivers[4], far);
  EXPECT_EQ(receivers[5], far);
}

TEST_F(work_queue_test, gives_to_one_that_is_here_first_on_a_tie) {
  start();
  auto here = join(0, 2);
  auto far = join_remote(1, 2);
  for (const auto* id : {"a", "b", "c", "d"})
    put(id);
  EXPECT_EQ(receivers, (std::vector{here, far, here, far}));
  put("e");
  EXPECT_EQ(tested.status().queued, 1u);
}

TEST_F(work_queue_test, lets_machines_take_turns_that_have_as_little_to_do) {
  start();
  auto first = join_remote(0, 2);
  auto second = join_remote(1, 2);
  auto third = join_remote(2, 2);
  for (std::uint32_t i : {0U, 1U, 2U, 0U}) {
    put("x")->finish();
    tested.idle({i});
  }
  EXPECT_EQ(receivers, (std::vector{first, second, third, first}));
}

TEST_F(work_queue_test, counts_the_exchanges_of_a_batch_against_a_remote_one) {
  start({.batch = {.max_size = 4}});
  put("a");
  put("b");
  put("c");
  auto worker = join_remote(0, 2);
  EXPECT_EQ(sent, strings{"ab"});
  EXPECT_EQ(tested.status().idle_workers, 0u);
  tested.idle({0});
  EXPECT_EQ(sent, (strings{"ab", "c"}));
  tested.idle({0});
  tested.idle({0});
  tested.idle({0});
  EXPECT_EQ(tested.status().running, 0u);
  put("d");
  put("e");
  put("f");
  EXPECT_EQ(sent, (strings{"ab", "c", "d", "e"})) << "no more than it takes";
}

TEST_F(work_queue_test, raises_the_bound_by_all_that_a_remote_one_takes) {
  auto bound = std::make_shared<troupe::admission>(10);
  start({.batch = {.max_size = 4}, .admission = bound});
  auto worker = join_remote(0, 5);
  EXPECT_EQ(bound->limit(), 15u);
  join_remote(1, 2);
  EXPECT_EQ(bound->limit(), 17u);
  tested.leave({0});
  EXPECT_EQ(bound->limit(), 12u);
  tested.leave({0});
  tested.died(worker.address());
  EXPECT_EQ(bound->limit(), 12u) << "lowered once";
  join_remote(0, 1);
  EXPECT_EQ(bound->limit(), 13u);
}

TEST_F(work_queue_test, gives_one_that_leaves_nothing_more) {
  start();
  auto worker = join_remote(0, 2);
  auto a = put("a");
  tested.leave({0});
  put("b");
  EXPECT_EQ(sent, strings{"a"});
  tested.idle({0});
  EXPECT_EQ(sent, strings{"a"});
  EXPECT_EQ(tested.status().running, 1u) << "it is not answered yet";
  EXPECT_EQ(outcome_of(*a), "open");
  a->finish(json_reply("ok"));
  tested.idle({0});
  EXPECT_EQ(tested.status().running, 0u);
  tested.died(worker.address());
  EXPECT_EQ(tested.status().queued, 1u);
  // Its place is as good as new.
  join_remote(0, 1);
  EXPECT_EQ(sent, (strings{"a", "b"}));
}

TEST_F(work_queue_test, what_one_that_leaves_had_is_answered_at_its_death) {
  start();
  auto worker = join_remote(0, 2);
  auto a = put("a");
  tested.leave({0});
  tested.died(worker.address());
  EXPECT_NE(outcome_of(*a).find("worker_died"), std::string::npos);
}

TEST_F(work_queue_test, an_unknown_worker_may_leave) {
  start();
  tested.leave({7});
  join(0);
  put("a");
  EXPECT_EQ(sent, strings{"a"});
}

TEST_F(work_queue_test,
       goes_on_refusing_when_the_last_call_of_one_that_left_ends) {
  start();
  join_remote(0, 1);
  auto a = put("a");
  tested.leave({0});
  tested.fail("no node serves it");
  a->finish();
  tested.idle({0});
  auto b = put("b");
  EXPECT_EQ(outcome_of(*b), "not_ready: \"no node serves it\"");
}

TEST_F(work_queue_test, takes_an_exchange_back_in_front) {
  start();
  auto worker = join_remote(0, 1);
  auto a = put("a");
  put("b");
  tested.reclaim({0}, a);
  EXPECT_EQ(tested.status().queued, 2u) << "its place is not free yet";
  EXPECT_EQ(tested.status().running, 0u);
  EXPECT_EQ(a->in_pool.refusals, 1);
  EXPECT_EQ(a->in_pool.attempts, 0);
  // It has it no more.
  tested.died(worker.address());
  EXPECT_EQ(outcome_of(*a), "open");
  EXPECT_EQ(tested.status().queued, 2u);
  join(0);
  EXPECT_EQ(sent, (strings{"a", "a"}));
}

TEST_F(work_queue_test, takes_back_only_what_a_worker_has) {
  start();
  join_remote(0, 1);
  join_remote(1, 1);
  auto a = put("a");
  auto b = put("b");
  // Machines take turns: the one that joined first was asked first.
  tested.reclaim({1}, a);
  tested.reclaim({7}, a);
  EXPECT_EQ(tested.status().queued, 0u);
  tested.reclaim({0}, a);
  tested.reclaim({0}, a);
  EXPECT_EQ(tested.status().queued, 1u) << "once";
  EXPECT_EQ(outcome_of(*b), "open");
}

TEST_F(work_queue_test, does_not_take_back_what_nobody_wants) {
  auto bound = std::make_shared<troupe::admission>(10);
  start({.admission = bound});
  join_remote(0, 2);
  auto late = ask("{}", "late");
  late->ticket = admission_ticket{bound};
  tested.put(late);
  late->time.lower_deadline(time + 1ms);
  auto refused = ask("{}", "refused");
  refused->ticket = admission_ticket{bound};
  tested.put(refused);
  time += 2ms;
  tested.reclaim({0}, late);
  EXPECT_NE(outcome_of(*late).find("deadline_exceeded"), std::string::npos);
  tested.cancel();
  tested.reclaim({0}, refused);
  EXPECT_EQ(tested.status().queued, 0u);
  EXPECT_NE(outcome_of(*refused).find("draining"), std::string::npos);
  EXPECT_EQ(bound->taken(), 0u);
}
