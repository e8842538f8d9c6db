#include "troupe/actors/status/status_board.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

struct status_board_test : testing::Test {
  std::shared_ptr<model_state> add(std::string name, bool required = true) {
    auto result = std::make_shared<model_state>(std::move(name), required, 1);
    board.add(result);
    return result;
  }

  status_board board;
};

} // namespace

TEST_F(status_board_test, is_ready_when_it_serves_and_every_model_is) {
  auto a = add("a");
  auto b = add("b");
  EXPECT_FALSE(board.ready());
  board.phase(server_phase::serving);
  board.update(*a, model_phase::ready, 1);
  EXPECT_FALSE(board.ready());
  board.update(*b, model_phase::ready, 1);
  EXPECT_TRUE(board.ready());
  board.phase(server_phase::draining);
  EXPECT_FALSE(board.ready());
}

TEST_F(status_board_test, without_models_is_ready_when_it_serves) {
  EXPECT_FALSE(board.ready());
  board.phase(server_phase::serving);
  EXPECT_TRUE(board.ready());
}

TEST_F(status_board_test, does_not_wait_for_what_is_not_required) {
  auto x = add("extra", false);
  board.phase(server_phase::serving);
  EXPECT_TRUE(board.ready());
  board.update(*x, model_phase::failed, 0);
  EXPECT_TRUE(board.ready());
  EXPECT_TRUE(board.wait_ready(0ms));
}

TEST_F(status_board_test, explains_each_reason) {
  auto a = add("a");
  auto b = add("b");
  add("extra", false);
  EXPECT_EQ(board.explain(),
            "server is starting; model a is loading; model b is loading");
  board.phase(server_phase::serving);
  board.update(*a, model_phase::restarting, 0);
  EXPECT_EQ(board.explain(), "model a is restarting; model b is loading");
  board.update(*a, model_phase::ready, 1);
  board.update(*b, model_phase::failed, 0);
  EXPECT_EQ(board.explain(), "model b is failed");
  board.update(*b, model_phase::ready, 1);
  EXPECT_EQ(board.explain(), "ready");
  board.phase(server_phase::stopped);
  EXPECT_EQ(board.explain(), "server is stopped");
}

TEST_F(status_board_test, forgets_a_model_that_was_removed) {
  auto a = add("a");
  auto b = add("b");
  board.phase(server_phase::serving);
  board.update(*b, model_phase::ready, 1);
  board.remove(a);
  EXPECT_TRUE(board.ready());
  ASSERT_EQ(board.models().size(), 1u);
  EXPECT_EQ(board.models()[0], b);
}

TEST_F(status_board_test, counts_restarts) {
  auto x = add("a");
  board.count_restart(*x);
  board.count_restart(*x);
  EXPECT_EQ(x->restarts(), 2u);
}

TEST_F(status_board_test, calls_back_once_for_a_required_model) {
  std::vector<std::string> calls;
  board.on_failure = [&](const std::string& text) { calls.push_back(text); };
  auto x = add("a");
  auto extra = add("extra", false);
  board.update(*extra, model_phase::failed, 0, "no");
  EXPECT_TRUE(calls.empty());
  board.update(*x, model_phase::restarting, 0, "once");
  EXPECT_TRUE(calls.empty());
  board.update(*x, model_phase::failed, 0, "disk full");
  board.update(*x, model_phase::failed, 0, "again");
  EXPECT_EQ(calls,
            std::vector<std::string>{"model \"a\" was given up: disk full"});
}

TEST_F(status_board_test, calls_back_with_the_end_of_a_traceback) {
  std::vector<std::string> calls;
  board.on_failure = [&](const std::string& text) { calls.push_back(text); };
  auto x = add("a");
  const std::string trace = "Traceback:\n  line 3\nValueError: no weights\n";
  board.update(*x, model_phase::failed, 0, trace, "why");
  EXPECT_EQ(calls, std::vector<std::string>{
                     "model \"a\" was given up: ValueError: no weights"});
  EXPECT_EQ(x->detail(), trace);
}

TEST_F(status_board_test, the_callback_may_ask_the_board) {
  std::string seen;
  board.on_failure = [&](const std::string&) { seen = board.explain(); };
  auto x = add("a");
  board.phase(server_phase::serving);
  board.update(*x, model_phase::failed, 0);
  EXPECT_EQ(seen, "model a is failed");
}

TEST_F(status_board_test, a_wait_ends_when_the_last_model_is_ready) {
  auto x = add("a");
  board.phase(server_phase::serving);
  EXPECT_FALSE(board.wait_ready(0ms));
  std::thread other{[&] { board.update(*x, model_phase::ready, 1); }};
  EXPECT_TRUE(board.wait_ready(1h));
  other.join();
}

TEST_F(status_board_test, a_wait_ends_when_a_required_model_is_given_up) {
  auto x = add("a");
  board.phase(server_phase::serving);
  std::thread other{[&] { board.update(*x, model_phase::failed, 0); }};
  EXPECT_FALSE(board.wait_ready(1h));
  other.join();
}

TEST_F(status_board_test, is_not_ready_while_one_worker_is_unwell) {
  auto x = std::make_shared<model_state>("x", true, 2);
  board.add(x);
  board.phase(server_phase::serving);
  board.update(*x, model_phase::ready, 2);
  board.health(*x, 0, false);
  board.health(*x, 0, false);
  board.health(*x, 1, false);
  board.health(*x, 0, true);
  EXPECT_FALSE(x->healthy());
  EXPECT_FALSE(board.ready());
  EXPECT_EQ(board.explain(), "model x is unhealthy");
  board.health(*x, 1, true);
  EXPECT_TRUE(board.ready());
  EXPECT_EQ(board.explain(), "ready");
}

TEST_F(status_board_test, phases_have_names) {
  EXPECT_EQ(to_string(server_phase::starting), "starting");
  EXPECT_EQ(to_string(server_phase::stopped), "stopped");
}

TEST_F(status_board_test, tells_the_reason_to_everybody_and_more_to_operators) {
  auto x = add("x");
  board.phase(server_phase::serving);
  EXPECT_EQ(x->refusal(), "Model x is loading");
  board.update(*x, model_phase::failed, 0, "cannot open /a/b", "no file");
  EXPECT_EQ(board.explain(), "model x is failed: no file");
  EXPECT_EQ(x->refusal(), "Model x failed: no file");
  EXPECT_EQ(x->reason(), "no file");
  EXPECT_EQ(x->detail(), "cannot open /a/b");
  board.update(*x, model_phase::ready, 1);
  EXPECT_EQ(x->reason(), "");
  EXPECT_EQ(x->detail(), "");
}

TEST_F(status_board_test, notes_what_does_not_touch_readiness) {
  auto a = std::make_shared<model_state>("a", true, 2);
  board.add(a);
  auto b = add("b", false);
  board.phase(server_phase::serving);
  board.update(*a, model_phase::ready, 2);
  EXPECT_EQ(board.notes(), "");
  board.update(*a, model_phase::ready, 1);
  board.update(*b, model_phase::failed, 0, "", "it died");
  board.stuck(*a, 2);
  EXPECT_TRUE(board.ready());
  EXPECT_EQ(
    board.notes(),
    "model a has 1 of 2 workers\nmodel a: 2 workers do not come back "
    "from a call that nobody waits for\nmodel b is failed: it died (not "
    "required)\n");
}

TEST_F(status_board_test, a_server_that_has_failed_is_not_ready_any_more) {
  std::vector<std::string> calls;
  board.on_failure = [&](const std::string& text) { calls.push_back(text); };
  board.phase(server_phase::serving);
  EXPECT_TRUE(board.ready());
  board.fail("the router ended");
  EXPECT_FALSE(board.ready());
  EXPECT_FALSE(board.wait_ready(1h));
  EXPECT_EQ(board.explain(), "server has failed: the router ended");
  EXPECT_EQ(calls, std::vector<std::string>{"the router ended"});
}

TEST_F(status_board_test, puts_a_state_in_the_place_of_another_one) {
  auto old = add("a");
  add("b");
  auto fresh = std::make_shared<model_state>("a", true, 1);
  board.replace(old, fresh);
  ASSERT_EQ(board.models().size(), 2u);
  EXPECT_EQ(board.models()[0], fresh);
  board.replace(old, old);
  EXPECT_EQ(board.models().size(), 3u) << "one that is gone is added";
}

TEST_F(status_board_test, waits_for_a_state_that_it_does_not_have_yet) {
  model_state x{"x", true, 1};
  EXPECT_EQ(board.wait_for(x, 1ms), "it was not ready within 1 ms");
  std::thread other{[&] { board.update(x, model_phase::ready, 1); }};
  EXPECT_EQ(board.wait_for(x, 1h), std::nullopt);
  other.join();
}

TEST_F(status_board_test, a_wait_for_a_state_tells_why_it_failed) {
  bool called = false;
  board.on_failure = [&](const std::string&) { called = true; };
  model_state x{"x", true, 1};
  std::thread other{
    [&] { board.update(x, model_phase::failed, 0, "no disk", "no"); }};
  EXPECT_EQ(board.wait_for(x, 1h), "no disk");
  other.join();
  EXPECT_FALSE(called) << "it stands in for one that serves";
}
