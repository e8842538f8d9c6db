#include "troupe/actors/supervision/hang_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// A worker hangs while the test lets everybody else go on from inside its
/// model.
class hang_care_test : public supervisor_fixture {
protected:
  static model_options options(std::size_t workers,
                               hang_policy policy = hang_policy::replace) {
    model_options result;
    result.workers = workers;
    result.restart.hang.after = 1s;
    result.restart.hang.policy = policy;
    result.restart.hang.max_replaced = 2;
    result.restart.revive_after = 0ms;
    return result;
  }

  /// Sends a request that nobody waits for any more once a worker has it, and
  /// runs `f` while the worker is in its model.
  std::shared_ptr<recording_exchange> hang(const served& x,
                                           std::function<void()> f) {
    x.script->on_process = [script = x.script.get(),
                            f = std::move(f)](auto batch) {
      auto go_on = f;
      script->on_process = nullptr;
      batch.front()->abandon(make_failure(errc::deadline_exceeded));
      go_on();
    };
    return submit(x);
  }
};

} // namespace

TEST_F(hang_care_test, a_worker_that_does_not_come_back_is_replaced) {
  auto x = serve("m", options(1));
  std::shared_ptr<recording_exchange> waiting;
  auto hung = hang(x, [&] {
    waiting = submit(x);
    pass(900ms);
    EXPECT_TRUE(board->ready()) << "not yet";
    EXPECT_EQ(x.state->stuck_workers(), 0u);
    pass(300ms);
    EXPECT_EQ(outcome_of(*waiting), ok);
    EXPECT_EQ(outcome_of(*submit(x)), ok);
    EXPECT_EQ(x.state->stuck_workers(), 1u);
    EXPECT_EQ(x.state->restarts(), 1u);
    EXPECT_TRUE(board->ready());
    EXPECT_NE(board->notes().find("1 worker does not come back"),
              std::string::npos);
    pass(3s);
    EXPECT_EQ(x.script->setups().size(), 2u) << "once";
  });
  // It is back, and nobody needs it.
  EXPECT_EQ(hung->error->code, errc::deadline_exceeded);
  EXPECT_EQ(x.state->stuck_workers(), 0u);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  auto status = query<pool_status>(x.pool, atom::status_v);
  EXPECT_EQ(status.workers, 1u);
  EXPECT_EQ(status.idle_workers, 1u);
  EXPECT_TRUE(logged("model m worker 0 has not come back from its model for "
                     "1000 ms after the last of its requests was answered; it "
                     "is replaced"));
  EXPECT_TRUE(logged("a worker that was replaced came back"));
  EXPECT_EQ(failures, strings{});
}

TEST_F(hang_care_test, a_worker_that_somebody_waits_for_may_take_its_time) {
  auto x = serve("m", options(1));
  x.script->on_process = [&](auto batch) {
    pass(10s);
    fake_model::answer_all(batch);
  };
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  EXPECT_EQ(x.script->setups().size(), 1u);
  EXPECT_EQ(x.state->stuck_workers(), 0u);
}

TEST_F(hang_care_test, reported_only_it_takes_its_place_again) {
  auto x = serve("m", options(1, hang_policy::report));
  hang(x, [&] {
    pass(1300ms);
    EXPECT_EQ(x.state->phase(), model_phase::stuck);
    EXPECT_FALSE(x.state->accepts());
    EXPECT_EQ(x.state->ready_workers(), 0u);
    EXPECT_EQ(x.state->stuck_workers(), 1u);
    EXPECT_EQ(
      board->explain(),
      "model m is stuck: its workers do not come back from their model");
    pass(5s);
    EXPECT_EQ(x.script->setups().size(), 1u);
  });
  pass(100ms);
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(x.state->stuck_workers(), 0u);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  EXPECT_TRUE(logged("model m worker 0 has come back from its model"));
  auto told = std::count_if(lines.begin(), lines.end(), [](const auto& l) {
    return l.find("has not come back") != std::string::npos;
  });
  EXPECT_EQ(told, 1) << "once";
}

TEST_F(hang_care_test, an_inline_worker_is_reported_only) {
  auto o = options(1);
  o.execution = execution_mode::inlined;
  auto x = serve("m", o);
  hang(x, [&] {
    pass(1300ms);
    EXPECT_EQ(x.state->phase(), model_phase::stuck);
  });
  pass(100ms);
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(x.script->setups().size(), 1u);
}

TEST_F(hang_care_test, one_of_several_leaves_the_server_ready) {
  auto x = serve("m", options(2, hang_policy::report));
  hang(x, [&] {
    pass(1300ms);
    EXPECT_TRUE(board->ready());
    EXPECT_EQ(x.state->ready_workers(), 1u);
    EXPECT_EQ(x.state->stuck_workers(), 1u);
    EXPECT_EQ(outcome_of(*submit(x)), ok);
  });
}

TEST_F(hang_care_test, past_the_cap_the_model_is_given_up) {
  auto x = serve("m", options(1));
  hang(x, [&] {
    pass(1300ms);
    hang(x, [&] {
      pass(1300ms);
      EXPECT_EQ(x.state->stuck_workers(), 2u);
      EXPECT_TRUE(board->ready());
      hang(x, [&] {
        auto waiting = submit(x);
        pass(1300ms);
        EXPECT_EQ(x.state->phase(), model_phase::failed);
        EXPECT_EQ(x.state->stuck_workers(), 3u);
        EXPECT_EQ(failures.size(), 1u);
        EXPECT_EQ(outcome_of(*waiting),
                  R"(not_ready: "Model m failed: its workers do not come back )"
                  R"(from their model")");
      });
    });
  });
  pass(200ms);
  // The last one still has its place.
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->stuck_workers(), 0u);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

TEST_F(hang_care_test, a_drain_does_not_wait_for_what_was_answered) {
  auto x = serve("m", options(1, hang_policy::report));
  hang(x, [&] {
    auto drained = drain(true);
    EXPECT_TRUE(drained->value);
  });
}

TEST_F(hang_care_test, a_retired_model_leaves_its_hung_worker_behind) {
  auto x = serve("m", options(1, hang_policy::report));
  hang(x, [&] {
    retire(x.key);
    EXPECT_EQ(board->models().size(), 1u);
    pass(1300ms);
    EXPECT_TRUE(board->models().empty());
  });
  EXPECT_EQ(x.script->setups().size(), 1u);
  EXPECT_EQ(failures, strings{});
}

TEST_F(hang_care_test, a_stop_counts_those_that_were_replaced) {
  auto x = serve("m", options(1));
  answer_ptr<stop_report> stopped;
  hang(x, [&] {
    pass(1300ms);
    stopped = stop(500ms);
    EXPECT_FALSE(stopped->value);
    pass(600ms);
    ASSERT_TRUE(stopped->value);
    EXPECT_EQ(stopped->value->abandoned_workers, 1u);
    EXPECT_TRUE(*end);
  });
}
