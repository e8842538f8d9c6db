#include "troupe/actors/supervision/sleep_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class sleep_care_test : public supervisor_fixture {
protected:
  static model_options options(std::size_t min = 1, std::size_t max = 1) {
    model_options result;
    result.workers = {min, max};
    result.workers.grow_after = 200ms;
    result.workers.shrink_after = 10min;
    result.restart.initial_backoff = 100ms;
    result.restart.max_backoff = 1s;
    result.restart.max_restarts = 2;
    result.restart.revive_after = 0ms;
    result.restart.supervision.keep_alive = 1s;
    result.restart.supervision.escalate = escalation::model_not_ready;
    return result;
  }

  static model_options lazy() {
    auto result = options();
    result.restart.supervision.load = load_time::first_request;
    return result;
  }

  pool_status status(const served& x) {
    return query<pool_status>(x.pool, atom::status_v);
  }

  /// Lets it have nothing to do until it is unloaded.
  void unload(const served& x) {
    pass(1200ms);
    EXPECT_EQ(x.state->phase(), model_phase::unloaded);
    EXPECT_EQ(x.state->ready_workers(), 0u);
    EXPECT_EQ(status(x).workers, 0u);
  }

  static std::size_t setups(const served& x) {
    return x.script->setups().size();
  }

  static void break_setup(const served& x) {
    x.script->on_setup = [](const auto&) {
      throw std::runtime_error("no memory");
    };
  }

  std::string scale(std::uint64_t min, std::uint64_t max) {
    auto result =
      post<atom::ready>(tested, atom::scale_v, std::string{"m"}, min, max);
    run();
    return result->value ? "done" : result->error;
  }
};

} // namespace

// -- asleep -------------------------------------------------------------------

TEST_F(sleep_care_test, a_model_without_requests_is_unloaded) {
  auto x = serve("m", options());
  pass(900ms);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  unload(x);
  EXPECT_TRUE(logged("model m is unloaded: it had no request for 1000 ms"));
  EXPECT_EQ(x.state->restarts(), 0u);
}

TEST_F(sleep_care_test, that_is_no_failure) {
  auto x = serve("m", options());
  unload(x);
  EXPECT_TRUE(board->ready());
  EXPECT_TRUE(x.state->accepts());
  EXPECT_EQ(board->explain(), "ready");
  EXPECT_EQ(board->notes(), "model m is unloaded: it had no request for 1000 "
                            "ms; the next one loads it\n");
  EXPECT_EQ(given_up, strings{});
  EXPECT_EQ(board->wait_for(*x.state, 0ms), std::nullopt);
}

TEST_F(sleep_care_test, it_never_is_by_default) {
  auto o = options();
  o.restart.supervision.keep_alive = 0ms;
  auto x = serve("m", o);
  pass(5min);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
}

TEST_F(sleep_care_test, every_request_keeps_it) {
  auto x = serve("m", options());
  for (int i = 0; i < 5; ++i) {
    pass(800ms);
    EXPECT_EQ(outcome_of(*submit(x)), ok);
  }
  EXPECT_EQ(setups(x), 1u);
  unload(x);
}

TEST_F(sleep_care_test, its_health_hook_does_not) {
  auto o = options();
  o.restart.health_interval = 100ms;
  auto script = std::make_shared<fake_model::script>();
  script->on_health = [] { return true; };
  unload(serve("m", o, script));
}

// -- the first request --------------------------------------------------------

TEST_F(sleep_care_test, the_next_request_loads_it) {
  auto x = serve("m", options());
  for (std::size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(setups(x), i);
    unload(x);
    EXPECT_EQ(outcome_of(*submit(x)), ok);
    EXPECT_EQ(x.state->phase(), model_phase::ready);
  }
  EXPECT_EQ(x.state->restarts(), 0u);
  EXPECT_TRUE(logged("model m is loaded: a request came for it"));
}

TEST_F(sleep_care_test, many_requests_cause_one_load) {
  auto x = serve("m", options());
  unload(x);
  std::vector<std::shared_ptr<recording_exchange>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(ask(std::to_string(i)));
    tell(x.pool, exchange_ptr{all.back()});
  }
  run();
  for (const auto& ex : all)
    EXPECT_EQ(outcome_of(*ex), ok);
  EXPECT_EQ(setups(x), 2u);
}

TEST_F(sleep_care_test, a_request_that_comes_meanwhile_is_not_lost) {
  auto x = serve("m", options());
  // Before SUPERVISOR has seen that its worker has left.
  auto late = ask("late");
  x.script->on_end = [&] {
    x.script->on_end = nullptr;
    tell(x.pool, exchange_ptr{late});
  };
  pass(1200ms);
  EXPECT_EQ(outcome_of(*late), ok);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(setups(x), 2u);
  EXPECT_EQ(x.state->restarts(), 0u);
}

TEST_F(sleep_care_test, it_may_wait_for_its_first_request) {
  auto x = serve("m", lazy());
  EXPECT_EQ(setups(x), 0u);
  EXPECT_EQ(x.state->phase(), model_phase::unloaded);
  EXPECT_EQ(x.state->reason(),
            "no request has come yet; the first one loads it");
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  EXPECT_EQ(setups(x), 1u);
}

TEST_F(sleep_care_test, one_that_takes_a_place_is_loaded_at_once) {
  auto x = serve("m", lazy(), std::make_shared<fake_model::script>(), 1, true);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  unload(x);
}

TEST_F(sleep_care_test, a_request_that_nobody_waits_for_loads_nothing_twice) {
  auto x = serve("m", options());
  unload(x);
  auto ex = ask("1");
  ex->abandon(make_failure(errc::cancelled));
  tell(x.pool, exchange_ptr{ex});
  run();
  EXPECT_EQ(setups(x), 2u);
  unload(x);
  EXPECT_EQ(setups(x), 2u);
}

// -- when it cannot be loaded -------------------------------------------------

TEST_F(sleep_care_test, what_waits_is_told_when_it_cannot_be_set_up) {
  auto x = serve("m", lazy());
  break_setup(x);
  EXPECT_EQ(outcome_of(*submit(x)),
            R"(not_ready: "Model m is loading: a worker could not be set up")");
  EXPECT_EQ(x.state->detail(), "no memory");
  EXPECT_FALSE(board->ready());
  x.script->on_setup = nullptr;
  pass(200ms);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

TEST_F(sleep_care_test, it_is_tried_as_the_budget_says) {
  auto x = serve("m", options());
  unload(x);
  break_setup(x);
  EXPECT_EQ(
    outcome_of(*submit(x)),
    R"(not_ready: "Model m is restarting: a worker could not be set up")");
  pass(5s);
  EXPECT_EQ(setups(x), 4u) << "the first, and three that failed";
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(given_up, strings{"m: model-not-ready"});
  x.script->on_setup = nullptr;
  EXPECT_EQ(revive("m"), "done");
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  unload(x);
}

TEST_F(sleep_care_test, it_waits_while_another_worker_may_come) {
  auto x = serve("m", options(2, 2));
  unload(x);
  x.script->on_setup = [script = x.script.get()](const auto&) {
    script->on_setup = nullptr;
    throw std::runtime_error("no memory");
  };
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  pass(200ms);
  EXPECT_EQ(x.state->ready_workers(), 2u);
}

// -- with other changes -------------------------------------------------------

TEST_F(sleep_care_test, it_comes_back_with_its_least_workers) {
  auto x = serve("m", options(1, 8));
  const auto bound = x.admission->limit();
  EXPECT_EQ(scale(4, 8), "done");
  EXPECT_EQ(x.state->ready_workers(), 4u);
  EXPECT_EQ(scale(2, 8), "done");
  unload(x);
  EXPECT_EQ(x.state->workers(), 2u);
  EXPECT_EQ(x.admission->limit(), bound + 1);
  submit(x);
  EXPECT_EQ(x.state->ready_workers(), 2u);
}

TEST_F(sleep_care_test, an_order_for_other_numbers_holds_when_it_is_loaded) {
  auto x = serve("m", options(2, 2));
  unload(x);
  EXPECT_EQ(scale(4, 4), "done");
  EXPECT_EQ(x.state->workers(), 4u);
  EXPECT_EQ(x.state->phase(), model_phase::unloaded);
  submit(x);
  EXPECT_EQ(x.state->ready_workers(), 4u);
  unload(x);
  EXPECT_EQ(scale(1, 1), "done");
  submit(x);
  pass(200ms);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_EQ(x.state->workers(), 1u);
}

TEST_F(sleep_care_test, it_is_loaded_by_order) {
  auto x = serve("m", options());
  unload(x);
  EXPECT_EQ(revive("m"), "done");
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  unload(x);
  EXPECT_EQ(outcome_of(*submit(x)), ok) << "it hears of requests again";
}

TEST_F(sleep_care_test, it_is_removed_while_it_is_unloaded) {
  auto x = serve("m", options());
  unload(x);
  retire(x.key);
  EXPECT_TRUE(board->models().empty());
}

TEST_F(sleep_care_test, it_is_removed_after_what_came_before) {
  auto x = serve("m", options());
  unload(x);
  auto ex = ask("1");
  tell(x.pool, exchange_ptr{ex});
  retire(x.key);
  EXPECT_EQ(outcome_of(*ex), ok);
  EXPECT_TRUE(board->models().empty());
}

TEST_F(sleep_care_test, a_drain_waits_for_what_waits) {
  auto x = serve("m", options());
  unload(x);
  EXPECT_TRUE(drain(true)->value.has_value());
  auto ex = ask("1");
  tell(x.pool, exchange_ptr{ex});
  EXPECT_TRUE(drain(true)->value.has_value());
  EXPECT_EQ(outcome_of(*ex), ok);
}

TEST_F(sleep_care_test, the_server_stops_while_it_is_unloaded) {
  auto x = serve("m", options());
  unload(x);
  auto report = stop(1s);
  ASSERT_TRUE(report->value.has_value());
  EXPECT_EQ(report->value->abandoned_workers, 0u);
}
