// What a worker on another machine refuses, and what breaks.
#include "troupe/tests/actors/cluster/remote_worker_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using remote_refusals_test = remote_worker_fixture;

} // namespace

// -- refusals -----------------------------------------------------------------

TEST_F(remote_refusals_test, what_the_other_machine_refuses_goes_back) {
  for (auto code : {errc::draining, errc::not_ready, errc::overloaded}) {
    told->clear();
    start();
    auto ex = give();
    fail(1, code);
    EXPECT_EQ(outcome_of(*ex), "open");
    EXPECT_EQ(*told, (strings{"join 2", "reclaim 2 a"}));
    advance(99ms);
    EXPECT_EQ(told->size(), 2U);
    advance(1ms);
    EXPECT_EQ(told->back(), "idle 2");
    ex->finish();
    kill(tested);
  }
}

TEST_F(remote_refusals_test, what_a_worker_had_does_not_go_back) {
  start();
  auto ex = give();
  fail(1, errc::draining, true);
  EXPECT_EQ(outcome_of(*ex), R"(draining: "Server is shutting down")");
  EXPECT_EQ(*told, (strings{"join 2", "idle 2"}));
}

TEST_F(remote_refusals_test, a_stream_that_has_begun_does_not_go_back) {
  start();
  auto ex = give();
  item(1, 1);
  fail(1, errc::draining);
  EXPECT_TRUE(ex->ended());
  EXPECT_EQ(told->back(), "idle 2");
}

TEST_F(remote_refusals_test, what_was_answered_meanwhile_does_not_go_back) {
  start();
  auto ex = give();
  ex->abandon(make_failure(errc::deadline_exceeded));
  fail(1, errc::overloaded);
  EXPECT_EQ(*told, (strings{"join 2", "idle 2"}));
}

TEST_F(remote_refusals_test, three_refusals_are_the_answer) {
  start_with_pool(8);
  auto ex = submit();
  fail(1, errc::overloaded);
  fail(2, errc::overloaded);
  EXPECT_EQ(outcome_of(*ex), "open");
  EXPECT_EQ(admission->taken(), 1U);
  fail(3, errc::overloaded);
  EXPECT_EQ(outcome_of(*ex), R"(overloaded: "Server is overloaded")");
  EXPECT_EQ(*there->told, (strings{"open 1", "open 2", "open 3"}));
  EXPECT_EQ(admission->taken(), 0U);
  EXPECT_EQ(status().running, 0U);
  // Both pauses are over, and no place is lost.
  advance(100ms);
  for (int i = 0; i < 8; ++i)
    submit();
  EXPECT_EQ(there->told->size(), 11U);
  EXPECT_EQ(status().queued, 0U);
}

TEST_F(remote_refusals_test, a_place_is_free_only_some_time_after_a_refusal) {
  start_with_pool(1);
  auto ex = submit();
  fail(1, errc::overloaded);
  EXPECT_EQ(there->told->size(), 1U);
  EXPECT_EQ(status().queued, 1U);
  advance(100ms);
  EXPECT_EQ(there->told->size(), 2U);
  answer(2, ok());
  EXPECT_EQ(outcome_of(*ex), R"(200 "ok")");
  EXPECT_EQ(admission->taken(), 0U);
}

TEST_F(remote_refusals_test, a_refusal_is_no_attempt_of_what_may_be_repeated) {
  start_with_pool(8, true);
  auto ex = submit();
  fail(1, errc::overloaded);
  fail(2, errc::not_ready);
  kill(tested);
  EXPECT_EQ(outcome_of(*ex), "open") << "one machine was lost with it";
  EXPECT_EQ(status().queued, 1U);
  start(1);
  answer(1, ok());
  EXPECT_EQ(outcome_of(*ex), R"(200 "ok")");
  EXPECT_EQ(admission->taken(), 0U);
}

// -- the other machine is wrong, or gone --------------------------------------

namespace {

class broken_machine_test : public remote_worker_fixture {
protected:
  void SetUp() override {
    remote_worker_fixture::SetUp();
    start_with_pool(4);
    first = submit("a");
    second = submit("b");
  }

  /// It has ended for this reason, and nothing waits for it.
  void expect_end(const std::string& why) {
    ASSERT_TRUE(*end);
    EXPECT_EQ(**end, why);
    for (const auto& ex : {first, second}) {
      EXPECT_EQ(outcome_of(*ex),
                R"(worker_died: "Worker died while processing the request")");
      EXPECT_EQ(ex->error->effective_status(), 503);
    }
    EXPECT_EQ(admission->taken(), 0U);
    EXPECT_EQ(admission->limit(), 3U);
    EXPECT_EQ(status().workers, 0U);
  }

  recording_ptr first;
  recording_ptr second;
};

} // namespace

TEST_F(broken_machine_test, an_item_without_credit_ends_the_worker) {
  auto slow = make_sink<lagging_exchange>();
  slow->is_behind = true;
  give(slow);
  for (int i = 0; i < 16; ++i)
    item(3, i);
  EXPECT_FALSE(*end);
  item(3, 16);
  expect_end("node box sent an item without credit");
}

TEST_F(broken_machine_test, the_end_of_an_unknown_call_ends_the_worker) {
  answer(9, ok());
  expect_end("node box ended a call that is not open");
}

TEST_F(broken_machine_test, an_answer_that_cannot_be_ends_the_worker) {
  auto x = ok();
  x.status = 99;
  answer(1, x);
  expect_end("node box sent a status that an answer cannot have");
}

TEST_F(broken_machine_test, an_item_that_is_no_json_ends_the_worker) {
  tell(tested, atom::item_v, call_id{1},
       message_body{body_kind::json, {}, "{"});
  run();
  ASSERT_TRUE(*end);
  EXPECT_TRUE((*end)->starts_with("node box sent text that is not JSON"))
    << **end;
  EXPECT_EQ(admission->taken(), 0U);
  EXPECT_TRUE(first->ended());
  EXPECT_TRUE(second->ended());
}

TEST_F(broken_machine_test, the_loss_of_the_machine_ends_the_worker) {
  caf::anon_send_exit(target, caf::exit_reason::remote_link_unreachable);
  run();
  ASSERT_TRUE(*end);
  EXPECT_TRUE((*end)->starts_with("node box is lost: ")) << **end;
  expect_end(**end);
}

// -- it leaves ----------------------------------------------------------------

TEST_F(remote_refusals_test, one_that_leaves_finishes_what_it_has) {
  start_with_pool(4);
  auto ex = submit();
  leave();
  EXPECT_EQ(watched->back(), "leave m#1 2");
  auto later = submit("later");
  EXPECT_EQ(there->told->size(), 1U);
  EXPECT_FALSE(*end);
  answer(1, ok());
  EXPECT_EQ(outcome_of(*ex), R"(200 "ok")");
  ASSERT_TRUE(*end);
  EXPECT_EQ(outcome_of(*later), "open");
  EXPECT_EQ(status().queued, 1U);
  EXPECT_EQ(admission->limit(), 3U);
}

TEST_F(remote_refusals_test, one_that_has_nothing_leaves_at_once) {
  start_with_pool(4);
  leave();
  EXPECT_TRUE(*end);
}

TEST_F(remote_refusals_test, what_is_refused_while_it_leaves_goes_elsewhere) {
  start_with_pool(4);
  auto ex = submit();
  leave();
  fail(1, errc::draining);
  EXPECT_EQ(outcome_of(*ex), "open");
  EXPECT_EQ(status().queued, 1U);
  advance(100ms);
  EXPECT_TRUE(*end);
  EXPECT_EQ(status().queued, 1U);
  start(1);
  answer(1, ok());
  EXPECT_EQ(outcome_of(*ex), R"(200 "ok")");
  EXPECT_EQ(admission->taken(), 0U);
}

TEST_F(remote_refusals_test, the_end_of_its_queue_ends_one_that_leaves) {
  start();
  give();
  kill(pool);
  leave();
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, "node box left");
}
