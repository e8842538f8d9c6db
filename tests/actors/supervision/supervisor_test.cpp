#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using supervisor_test = supervisor_fixture;

model_options with_workers(std::size_t n) {
  model_options result;
  result.workers = n;
  return result;
}

/// Holds a single exchange back for 10 ms.
model_options slow_batch() {
  model_options result;
  result.batch = {2, 10ms};
  return result;
}

} // namespace

TEST_F(supervisor_test, a_served_model_is_ready_with_all_its_workers) {
  auto x = serve("m", with_workers(2));
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 2u);
  EXPECT_TRUE(board->ready());
  ASSERT_EQ(x.script->setups().size(), 2u);
  EXPECT_EQ(x.script->setups()[0].model, "m");
  EXPECT_NE(x.script->setups()[0].index, x.script->setups()[1].index);
  EXPECT_EQ(lines, strings{"model m is ready"});
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

TEST_F(supervisor_test, hands_the_device_to_the_model) {
  model_options options;
  options.device = "cuda:1";
  EXPECT_EQ(serve("m", options).script->setups().at(0).device, "cuda:1");
}

TEST_F(supervisor_test, a_model_that_cannot_be_set_up_has_failed) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw std::runtime_error("no file"); };
  model_options options;
  options.restart.max_restarts = 0;
  options.restart.revive_after = 0ms;
  auto x = serve("m", options, script);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_FALSE(board->ready());
  EXPECT_EQ(failures, strings{"model \"m\" was given up: no file"});
  EXPECT_EQ(lines, strings{"model m worker 0 could not be set up: no file"});
  // No retry, and nobody waits for it.
  advance(1h);
  EXPECT_EQ(script->setups().size(), 1u);
  EXPECT_EQ(outcome_of(*submit(x)),
            R"(not_ready: "Model m failed: it could not be set up")");
}

TEST_F(supervisor_test, two_workers_that_cannot_be_set_up_are_one_failure) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw std::runtime_error("no file"); };
  auto options = with_workers(2);
  options.restart.max_restarts = 0;
  serve("m", options, script);
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_EQ(lines.size(), 4u) << "that one waits, and when it is tried again";
}

TEST_F(supervisor_test, a_failed_model_leaves_the_others_alone) {
  auto good = serve("good");
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw std::runtime_error("no file"); };
  serve("bad", {}, script);
  EXPECT_EQ(outcome_of(*submit(good)), ok);
  EXPECT_EQ(good.state->phase(), model_phase::ready);
}

TEST_F(supervisor_test, models_are_drained_together) {
  auto a = serve("a", slow_batch());
  serve("b");
  auto ex = submit(a);
  auto drained = drain(true);
  EXPECT_FALSE(drained->value);
  advance(10ms);
  EXPECT_TRUE(drained->value);
  EXPECT_EQ(outcome_of(*ex), ok);
}

TEST_F(supervisor_test, an_impatient_drain_refuses_what_waits) {
  auto a = serve("a", slow_batch());
  auto ex = submit(a);
  EXPECT_TRUE(drain(false)->value);
  EXPECT_EQ(ex->error->code, errc::draining);
}

TEST_F(supervisor_test, without_models_is_drained_at_once) {
  EXPECT_TRUE(drain(true)->value);
}

TEST_F(supervisor_test, cancel_reaches_every_pool) {
  auto a = serve("a", slow_batch());
  auto b = serve("b", slow_batch());
  auto first = submit(a);
  auto second = submit(b);
  tell(tested, atom::cancel_v);
  run();
  EXPECT_EQ(first->error->code, errc::draining);
  EXPECT_EQ(second->error->code, errc::draining);
}

TEST_F(supervisor_test, a_retired_model_is_gone) {
  auto a = serve("a");
  auto b = serve("b");
  auto pool_end = watch(a.pool);
  retire(a.key);
  EXPECT_TRUE(*pool_end);
  ASSERT_EQ(board->models().size(), 1u);
  EXPECT_EQ(board->models()[0], b.state);
  EXPECT_EQ(outcome_of(*submit(b)), ok);
  EXPECT_EQ(failures, strings{});
}

TEST_F(supervisor_test, retiring_what_nobody_knows_does_nothing) {
  serve("a");
  retire("x");
  EXPECT_EQ(board->models().size(), 1u);
  EXPECT_FALSE(*end);
}

TEST_F(supervisor_test, stop_ends_everything_and_counts_nobody) {
  auto a = serve("a", with_workers(2));
  auto b = serve("b");
  auto pool_end = watch(a.pool);
  auto stopped = stop(1000ms);
  ASSERT_TRUE(stopped->value);
  EXPECT_EQ(stopped->value->abandoned_workers, 0u);
  EXPECT_TRUE(*end);
  EXPECT_TRUE(*pool_end);
  EXPECT_EQ(sys.registry().running(), 0u);
}

TEST_F(supervisor_test, an_inline_model_has_a_pool_and_workers_for_each_shard) {
  auto options = with_workers(2);
  options.execution = execution_mode::inlined;
  auto x = serve("m", options, std::make_shared<fake_model::script>(), 3);
  ASSERT_EQ(x.pools.size(), 3U);
  for (const auto& pool : x.pools)
    EXPECT_EQ(query<pool_status>(pool, atom::status_v).workers, 2U);
  EXPECT_EQ(x.state->ready_workers(), 6U);
  auto ex = ask();
  tell(x.pools[2], exchange_ptr{ex});
  run();
  EXPECT_EQ(outcome_of(*ex), ok);
}

TEST_F(supervisor_test, all_shards_are_drained_cancelled_and_ended) {
  auto x = serve("m", slow_batch(), std::make_shared<fake_model::script>(), 2);
  std::vector<end_ptr> ends;
  std::vector<std::shared_ptr<recording_exchange>> waiting;
  for (const auto& pool : x.pools) {
    ends.push_back(watch(pool));
    waiting.push_back(ask());
    tell(pool, exchange_ptr{waiting.back()});
  }
  auto drained = drain(true);
  EXPECT_FALSE(drained->value);
  tell(tested, atom::cancel_v);
  run();
  for (const auto& ex : waiting)
    EXPECT_EQ(ex->error->code, errc::draining);
  EXPECT_TRUE(drained->value);
  retire(x.key);
  for (const auto& pool_end : ends)
    EXPECT_TRUE(*pool_end);
}

TEST_F(supervisor_test, stop_without_models_answers_at_once) {
  EXPECT_TRUE(stop(1000ms)->value);
  EXPECT_TRUE(*end);
}

TEST_F(supervisor_test, a_worker_that_does_not_return_is_abandoned) {
  auto a = serve("a", with_workers(2));
  // The workers' messages stay unread, as if their models did not return.
  auto others = [](caf::resumable* x) {
    auto* actor = dynamic_cast<caf::local_actor*>(x);
    return actor == nullptr || actor->name() != std::string{"troupe-worker"};
  };
  auto stopped = post_stop(500ms);
  sched.run_jobs_filtered(others);
  sched.advance_time(499ms);
  sched.run_jobs_filtered(others);
  EXPECT_FALSE(stopped->value);
  sched.advance_time(1ms);
  sched.run_jobs_filtered(others);
  ASSERT_TRUE(stopped->value);
  EXPECT_EQ(stopped->value->abandoned_workers, 2u);
  EXPECT_TRUE(*end);
  EXPECT_EQ(lines.back(), "model a: a worker did not return; abandoned");
}

TEST_F(supervisor_test, a_failed_model_can_be_retired) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw std::runtime_error("no file"); };
  auto x = serve("m", {}, script);
  auto pool_end = watch(x.pool);
  retire(x.key);
  EXPECT_TRUE(board->models().empty());
  EXPECT_TRUE(board->ready());
  EXPECT_TRUE(*pool_end);
}

TEST_F(supervisor_test, two_of_one_name_stand_beside_each_other) {
  auto old = serve("m");
  auto next = serve("m");
  EXPECT_NE(old.key, next.key);
  EXPECT_EQ(outcome_of(*submit(old)), ok);
  retire(old.key);
  EXPECT_EQ(outcome_of(*submit(next)), ok);
  ASSERT_EQ(board->models().size(), 1u);
  EXPECT_EQ(board->models()[0], next.state);
}

TEST_F(supervisor_test, one_that_is_off_the_board_fails_without_harm) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw std::runtime_error("no file"); };
  auto order = std::make_shared<serve_order>();
  order->state = std::make_shared<model_state>("m", true, 1);
  order->definition = make_fake("m", script);
  order->off_board = true;
  query<queue_handles>(tested, atom::serve_v, serve_order_ptr{order});
  EXPECT_TRUE(board->models().empty());
  EXPECT_EQ(failures, strings{});
  EXPECT_EQ(board->wait_for(*order->state, 0ms), "no file");
}

TEST_F(supervisor_test, every_stop_is_answered) {
  serve("m");
  auto first = post_stop(500ms);
  auto second = post_stop(500ms);
  run();
  EXPECT_TRUE(first->value);
  EXPECT_TRUE(second->value);
}

TEST_F(supervisor_test, that_ends_out_of_turn_leaves_nothing_running) {
  auto x = serve("m", with_workers(2));
  auto pool_end = watch(x.pool);
  kill(tested);
  EXPECT_TRUE(*pool_end);
  EXPECT_EQ(sys.registry().running(), 0u);
}
