#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using supervisor_restart_test = supervisor_fixture;

model_options options(std::size_t max_restarts, std::size_t workers = 1) {
  model_options result;
  result.workers = workers;
  result.restart.initial_backoff = 100ms;
  result.restart.max_backoff = 1s;
  result.restart.max_restarts = max_restarts;
  result.restart.revive_after = 0ms;
  return result;
}

} // namespace

TEST_F(supervisor_restart_test, a_dead_worker_is_replaced_after_a_backoff) {
  auto x = serve("m", options(5));
  die_once(x.script);
  EXPECT_EQ(submit(x)->error->code, errc::worker_died);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  EXPECT_EQ(x.state->ready_workers(), 0u);
  EXPECT_FALSE(board->ready());
  EXPECT_EQ(lines.back(), "model m worker 0 died: device lost");
  auto waiting = submit(x);
  advance(99ms);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  EXPECT_EQ(x.state->restarts(), 0u);
  EXPECT_EQ(outcome_of(*waiting), "open");
  advance(1ms);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->restarts(), 1u);
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(outcome_of(*waiting), R"(200 "ok")");
  EXPECT_EQ(x.script->setups().size(), 2u);
  EXPECT_EQ(failures, strings{});
}

TEST_F(supervisor_restart_test, the_backoff_doubles) {
  auto x = serve("m", options(5));
  die_once(x.script);
  submit(x);
  advance(100ms);
  die_once(x.script);
  submit(x);
  advance(199ms);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  advance(1ms);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
}

TEST_F(supervisor_restart_test, a_model_with_another_worker_stays_ready) {
  auto x = serve("m", options(5, 2));
  die_once(x.script);
  submit(x);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_EQ(outcome_of(*submit(x)), R"(200 "ok")");
  advance(100ms);
  EXPECT_EQ(x.state->ready_workers(), 2u);
}

TEST_F(supervisor_restart_test, the_new_worker_has_the_slot_of_the_dead) {
  auto x = serve("m", options(5, 2));
  die_once(x.script);
  submit(x);
  advance(100ms);
  std::vector<std::uint32_t> indexes;
  for (const auto& slot : x.script->setups())
    indexes.push_back(slot.index);
  ASSERT_EQ(indexes.size(), 3u);
  EXPECT_LT(indexes[2], 2u);
  auto status = query<pool_status>(x.pool, atom::status_v);
  EXPECT_EQ(status.workers, 2u);
  EXPECT_EQ(status.idle_workers, 2u);
}

TEST_F(supervisor_restart_test, a_used_up_budget_is_the_end_of_the_model) {
  auto x = serve("m", options(1));
  x.script->on_process = fake_model::die;
  submit(x);
  advance(100ms);
  ASSERT_EQ(x.state->phase(), model_phase::ready);
  // The second waits while the first kills the worker.
  auto last = ask("last");
  auto waiting = ask("waiting");
  tell(x.pool, exchange_ptr{last});
  tell(x.pool, exchange_ptr{waiting});
  run();
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(last->error->code, errc::worker_died);
  EXPECT_EQ(outcome_of(*waiting),
            R"(not_ready: "Model m failed: its workers died too often")");
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].find("device lost"), std::string::npos);
  advance(1h);
  EXPECT_EQ(x.script->setups().size(), 2u);
  EXPECT_EQ(failures.size(), 1u);
}

TEST_F(supervisor_restart_test, deaths_outside_the_window_are_forgiven) {
  auto x = serve("m", options(1));
  for (int i = 0; i < 3; ++i) {
    die_once(x.script);
    submit(x);
    advance(61s);
    EXPECT_EQ(x.state->phase(), model_phase::ready) << i;
  }
  EXPECT_EQ(x.state->restarts(), 3u);
}

TEST_F(supervisor_restart_test, a_restart_that_fails_counts_as_a_death) {
  auto x = serve("m", options(2));
  x.script->on_setup = [](const auto&) {
    throw std::runtime_error("no memory");
  };
  die_once(x.script);
  submit(x);
  advance(100ms);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  advance(200ms);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(x.script->setups().size(), 3u);
  EXPECT_NE(failures.at(0).find("no memory"), std::string::npos);
}

TEST_F(supervisor_restart_test, a_model_that_is_not_required_alarms_nobody) {
  auto o = options(0);
  o.required = false;
  auto x = serve("m", o);
  die_once(x.script);
  submit(x);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(failures, strings{});
  EXPECT_TRUE(board->ready());
}

TEST_F(supervisor_restart_test, a_stop_during_the_backoff_restarts_nobody) {
  auto x = serve("m", options(5));
  die_once(x.script);
  submit(x);
  EXPECT_TRUE(stop(std::chrono::milliseconds{1000})->value);
  EXPECT_TRUE(*end);
  advance(1h);
  EXPECT_EQ(x.script->setups().size(), 1u);
}
