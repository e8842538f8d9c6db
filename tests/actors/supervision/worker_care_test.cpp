#include "troupe/actors/supervision/worker_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class worker_care_test : public supervisor_fixture {
protected:
  static model_options options(std::size_t max_restarts,
                               std::size_t workers = 1) {
    model_options result;
    result.workers = workers;
    result.restart.initial_backoff = 100ms;
    result.restart.max_backoff = 1s;
    result.restart.max_restarts = max_restarts;
    result.restart.revive_after = 0ms;
    return result;
  }

  /// The body `die` kills; all else is answered.
  static void die_of_poison(const script_ptr& script) {
    script->on_process = [](auto batch) {
      for (const auto& ex : batch)
        if (ex->request.body.find("die") != std::string::npos)
          fake_model::die(batch);
      fake_model::answer_all(batch);
    };
  }

  /// Fails the first `n` set-ups.
  static void fail_setups(const script_ptr& script, int n) {
    script->on_setup = [left = std::make_shared<int>(n)](const auto&) {
      if ((*left)-- > 0)
        throw std::runtime_error("no memory");
    };
  }
};

} // namespace

// -- the first start ----------------------------------------------------------

TEST_F(worker_care_test, a_first_start_does_not_depend_on_who_is_first) {
  for (int bad : {0, 1, 2, 3}) {
    auto script = std::make_shared<fake_model::script>();
    script->on_setup = [bad, calls = std::make_shared<int>(0)](const auto&) {
      if ((*calls)++ == bad)
        throw std::runtime_error("no memory");
    };
    auto x = serve("m" + std::to_string(bad), options(5, 4), script);
    EXPECT_EQ(x.state->phase(), model_phase::ready) << bad;
    EXPECT_EQ(x.state->ready_workers(), 3u) << bad;
    pass(150ms);
    EXPECT_EQ(x.state->ready_workers(), 4u) << bad;
  }
  EXPECT_EQ(failures, strings{});
}

TEST_F(worker_care_test, one_that_can_never_be_set_up_leaves_the_others) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const worker_slot& slot) {
    if (slot.index == 1)
      throw std::runtime_error("no second device");
  };
  auto x = serve("m", options(2, 2), script);
  pass(5s);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_EQ(script->setups().size(), 4u) << "once and twice more";
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  EXPECT_EQ(failures, strings{});
  EXPECT_EQ(board->notes(), "model m has 1 of 2 workers\n");
}

TEST_F(worker_care_test, a_setup_that_throws_anything_is_told) {
  auto script = std::make_shared<fake_model::script>();
  script->on_setup = [](const auto&) { throw 42; };
  auto x = serve("m", options(2), script);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(
    failures.at(0),
    "model \"m\" was given up: an exception that is not a std::exception");
}

// -- threads that cannot be had -----------------------------------------------

TEST_F(worker_care_test, a_thread_that_cannot_be_had_is_a_failed_start) {
  spawn_failures = 1;
  auto x = serve("m", options(5, 2));
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_TRUE(logged("could not be set up: it cannot be started: "));
  pass(150ms);
  EXPECT_EQ(x.state->ready_workers(), 2u);
  EXPECT_FALSE(*end);
}

TEST_F(worker_care_test, without_any_thread_the_model_is_given_up) {
  spawn_failures = 1000;
  auto x = serve("m", options(5, 3));
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_FALSE(*end) << "the supervisor lives";
  spawn_failures = 0;
  auto other = serve("other");
  EXPECT_EQ(outcome_of(*submit(other)), ok);
  EXPECT_EQ(stop(100ms)->value->abandoned_workers, 0u);
}

TEST_F(worker_care_test, a_restart_without_a_thread_is_tried_again) {
  auto x = serve("m", options(5));
  spawn_failures = 2;
  die_once(x.script);
  submit(x);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  pass(350ms);
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  EXPECT_FALSE(*end);
  pass(450ms);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

// -- giving up ----------------------------------------------------------------

TEST_F(worker_care_test, the_workers_that_are_left_go_on) {
  auto x = serve("m", options(0, 4));
  die_of_poison(x.script);
  auto poison = submit(x, "die");
  EXPECT_EQ(poison->error->code, errc::worker_died);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 3u);
  for (int i = 0; i < 11; ++i)
    EXPECT_EQ(outcome_of(*submit(x)), ok);
  for (const auto* body : {"die 2", "die 3", "die 4"}) {
    EXPECT_NE(x.state->phase(), model_phase::failed);
    submit(x, body);
  }
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(x.state->reason(), "its workers died too often");
  EXPECT_EQ(x.state->detail(),
            "its workers died too often, the last with: device lost");
  EXPECT_EQ(outcome_of(*submit(x)),
            R"(not_ready: "Model m failed: its workers died too often")");
}

TEST_F(worker_care_test, a_failed_model_that_is_not_required_is_told_of) {
  auto o = options(0);
  o.required = false;
  auto x = serve("m", o);
  die_once(x.script);
  submit(x);
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(board->notes(),
            "model m is failed: its workers died too often (not required)\n");
}

// -- one input that kills -----------------------------------------------------

TEST_F(worker_care_test, one_input_does_not_use_up_the_budget) {
  auto x = serve("m", options(2, 2));
  die_of_poison(x.script);
  for (int i = 0; i < 10; ++i) {
    auto poison = submit(x, "die");
    ASSERT_TRUE(poison->error) << i;
    EXPECT_EQ(poison->error->code, errc::worker_died);
    EXPECT_EQ(outcome_of(*submit(x)), ok) << i;
    pass(500ms);
    EXPECT_EQ(x.state->ready_workers(), 2u) << i;
  }
  EXPECT_EQ(x.state->restarts(), 2u) << "then it is refused";
  EXPECT_TRUE(logged("workers died of one input again"));
  // After the window it has another chance.
  pass(61s);
  submit(x, "die");
  EXPECT_EQ(x.state->ready_workers(), 1u);
}

TEST_F(worker_care_test, mates_of_a_poisoned_batch_are_not_refused) {
  auto o = options(100);
  o.batch = {2, 10ms};
  o.idempotent = true;
  auto x = serve("m", o);
  die_of_poison(x.script);
  auto mate = ask("mate");
  auto poison = ask("die");
  tell(x.pool, exchange_ptr{mate});
  tell(x.pool, exchange_ptr{poison});
  run();
  pass(1s);
  EXPECT_EQ(outcome_of(*mate), ok) << "tried again without it";
  EXPECT_EQ(poison->error->code, errc::worker_died);
  submit(x, "die");
  pass(1s);
  auto again = submit(x, "die");
  EXPECT_EQ(again->error->code, errc::worker_died);
  auto other = submit(x, "mate");
  pass(20ms);
  EXPECT_EQ(outcome_of(*other), ok);
}

// -- revival ------------------------------------------------------------------

TEST_F(worker_care_test, a_model_that_was_given_up_is_tried_again) {
  auto o = options(0);
  o.restart.revive_after = 1s;
  auto x = serve("m", o);
  die_once(x.script);
  submit(x);
  ASSERT_EQ(x.state->phase(), model_phase::failed);
  pass(900ms);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  pass(200ms);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->reason(), "");
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  EXPECT_TRUE(logged("model m is tried again in 1000 ms"));
  EXPECT_TRUE(logged("model m is ready again"));
}

TEST_F(worker_care_test, the_pause_doubles_while_it_fails) {
  auto o = options(0);
  o.restart.revive_after = 1s;
  auto script = std::make_shared<fake_model::script>();
  fail_setups(script, 3);
  auto x = serve("m", o, script);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  pass(1100ms);
  EXPECT_EQ(script->setups().size(), 2u);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  pass(1800ms);
  EXPECT_EQ(script->setups().size(), 2u);
  pass(300ms);
  EXPECT_EQ(script->setups().size(), 3u);
  pass(4200ms);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(failures.size(), 1u) << "given up once";
}

TEST_F(worker_care_test, a_worker_that_was_not_replaced_is_tried_again) {
  auto o = options(0, 2);
  o.restart.revive_after = 1s;
  auto x = serve("m", o);
  die_once(x.script);
  submit(x);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  pass(1100ms);
  EXPECT_EQ(x.state->ready_workers(), 2u);
}

// -- pools --------------------------------------------------------------------

TEST_F(worker_care_test, a_pool_that_ends_out_of_turn_fails_the_server) {
  auto x = serve("m", options(5));
  kill(x.pool);
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_FALSE(board->ready());
  EXPECT_NE(board->explain().find("the queue of model m ended"),
            std::string::npos)
    << board->explain();
}

// -- a broken worker ----------------------------------------------------------

TEST_F(worker_care_test, a_broken_worker_is_known_before_its_model_has_ended) {
  auto x = serve("m", options(5));
  tell(tested, atom::fail_v, x.key, worker_index{0});
  run();
  EXPECT_EQ(x.state->phase(), model_phase::restarting);
  EXPECT_EQ(x.state->ready_workers(), 0U);
  EXPECT_EQ(x.state->reason(), "a worker died");
  EXPECT_FALSE(board->ready());
}

TEST_F(worker_care_test, what_is_no_worker_cannot_be_broken) {
  auto x = serve("m", options(5));
  tell(tested, atom::fail_v, x.key, worker_index{7});
  tell(tested, atom::fail_v, std::string{"other"}, worker_index{0});
  run();
  EXPECT_EQ(x.state->phase(), model_phase::ready);
}
