#include "troupe/tests/actors/cluster/remote_worker_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using remote_worker_test = remote_worker_fixture;

} // namespace

TEST_F(remote_worker_test, offers_itself_at_once) {
  start();
  EXPECT_EQ(*watched, strings{"ready m#1 2"});
  EXPECT_EQ(*told, strings{"join 2"});
}

TEST_F(remote_worker_test, hands_an_exchange_on_with_the_time_that_is_left) {
  start();
  auto ex = ask(R"({"x":1})", "id-1");
  ex->time.lower_deadline(now() + 1'500'100us);
  give(ex);
  EXPECT_EQ(*there->told, strings{"open 1"});
  EXPECT_EQ(there->requests[0].request_id, "id-1");
  EXPECT_EQ(there->requests[0].body.data, R"({"x":1})");
  EXPECT_EQ(there->requests[0].remaining_ms, 1'501) << "never less than it has";
  give("b");
  EXPECT_EQ(there->requests[1].remaining_ms, -1);
}

TEST_F(remote_worker_test, an_answer_ends_the_exchange_and_frees_the_place) {
  start();
  auto ex = give();
  answer(1, to_answer(json_reply({{"a", 1}}, 201)));
  EXPECT_EQ(outcome_of(*ex), R"(201 {"a":1})");
  EXPECT_EQ(told->back(), "idle 2");
  EXPECT_FALSE(*end);
}

TEST_F(remote_worker_test, a_failure_is_an_answer) {
  start();
  auto ex = give();
  answer(1, to_answer(http_error(418, "tea").why()));
  EXPECT_EQ(outcome_of(*ex), R"(bad_request: "tea")");
  EXPECT_EQ(told->back(), "idle 2");
}

TEST_F(remote_worker_test, the_members_of_a_batch_are_calls_of_their_own) {
  start();
  auto a = ask("{}", "a");
  auto b = ask("{}", "b");
  tell(tested, std::make_shared<std::vector<exchange_ptr>>(
                 std::vector<exchange_ptr>{a, b}));
  run();
  EXPECT_EQ(*there->told, (strings{"open 1", "open 2"}));
  answer(2, ok());
  EXPECT_EQ(outcome_of(*a), "open");
  EXPECT_EQ(outcome_of(*b), R"(200 "ok")");
  answer(1, ok());
  EXPECT_EQ(outcome_of(*a), R"(200 "ok")");
  EXPECT_EQ(*told, (strings{"join 2", "idle 2", "idle 2"}));
}

TEST_F(remote_worker_test, what_nobody_waits_for_is_not_sent) {
  start();
  auto ex = ask();
  ex->cancel();
  give(ex);
  EXPECT_EQ(*there->told, strings{});
  EXPECT_TRUE(ex->ended());
  EXPECT_EQ(told->back(), "idle 2");
}

// -- streams ------------------------------------------------------------------

TEST_F(remote_worker_test, items_go_on_and_credit_comes_back_at_half) {
  start();
  auto ex = give();
  for (int i = 0; i < 7; ++i)
    item(1, i);
  EXPECT_EQ(*there->told, strings{"open 1"});
  item(1, 7);
  EXPECT_EQ(there->told->back(), "credit 1 8");
  EXPECT_FALSE(ex->waits) << "a write must not hold everybody up";
  for (int i = 0; i < 40; ++i)
    item(1, i);
  EXPECT_EQ(there->told->size(), 7U) << "one for each 8 items";
  ASSERT_EQ(ex->items.size(), 48U);
  EXPECT_EQ(ex->items[7].json()->get<int>(), 7);
  answer(1, {});
  EXPECT_TRUE(ex->answer);
  EXPECT_EQ(told->back(), "idle 2");
}

TEST_F(remote_worker_test, a_reader_that_is_behind_gets_no_credit) {
  start();
  auto ex = make_sink<lagging_exchange>();
  ex->is_behind = true;
  give(ex);
  for (int i = 0; i < 16; ++i)
    item(1, i);
  EXPECT_EQ(*there->told, strings{"open 1"});
  advance(20ms);
  advance(20ms);
  EXPECT_EQ(ex->looks, 2) << "its place is not for ever";
  EXPECT_EQ(*there->told, strings{"open 1"});
  ex->is_behind = false;
  advance(20ms);
  EXPECT_EQ(there->told->back(), "credit 1 16");
  EXPECT_EQ(ex->looks, 2);
  EXPECT_FALSE(*end);
}

TEST_F(remote_worker_test, an_answer_after_items_is_the_last_of_them) {
  start();
  auto ex = give();
  item(1, 1);
  answer(1, ok());
  ASSERT_EQ(ex->items.size(), 2U);
  EXPECT_EQ(*ex->items[1].json(), "ok");
  EXPECT_TRUE(ex->answer->body.empty());
}

// -- cancel -------------------------------------------------------------------

TEST_F(remote_worker_test, cancel_is_sent_once_and_the_end_frees_the_place) {
  start();
  auto ex = give();
  advance(20ms);
  EXPECT_EQ(*there->told, strings{"open 1"});
  ex->abandon(make_failure(errc::cancelled));
  for (int i = 0; i < 5; ++i)
    advance(20ms);
  EXPECT_EQ(*there->told, (strings{"open 1", "cancel 1"}));
  EXPECT_EQ(*told, strings{"join 2"}) << "the other machine still works on it";
  // They crossed.
  item(1, 1);
  fail(1, errc::cancelled);
  EXPECT_EQ(*told, (strings{"join 2", "idle 2"}));
  EXPECT_FALSE(*end);
}

TEST_F(remote_worker_test, an_item_of_a_call_that_is_over_is_ignored) {
  start();
  give();
  answer(1, ok());
  item(1, 1);
  EXPECT_FALSE(*end);
}
