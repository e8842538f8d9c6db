#include "troupe/actors/supervision/scale/scale_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class scale_care_test : public supervisor_fixture {
protected:
  static model_options options(std::size_t min, std::size_t max) {
    model_options result;
    result.workers = {min, max};
    result.workers.grow_after = 200ms;
    result.workers.shrink_after = 1s;
    result.restart.initial_backoff = 100ms;
    result.restart.max_backoff = 1s;
    result.restart.max_restarts = 2;
    result.restart.revive_after = 0ms;
    return result;
  }

  std::string scale(const std::string& model, std::uint64_t min,
                    std::uint64_t max) {
    auto result = post<atom::ready>(tested, atom::scale_v, model, min, max);
    run();
    return result->value ? "done" : result->error;
  }

  pool_status status(const served& x) {
    return query<pool_status>(x.pool, atom::status_v);
  }

  std::size_t threads_of(const served& x) {
    return status(x).workers;
  }
};

} // namespace

TEST_F(scale_care_test, a_model_is_ready_with_its_least_workers) {
  auto x = serve("m", options(2, 8));
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 2u);
  EXPECT_EQ(x.state->workers(), 2u);
  EXPECT_EQ(x.state->range(), (worker_range{2, 8}));
  EXPECT_EQ(x.state->scaling(), "");
}

TEST_F(scale_care_test, an_order_holds_at_once_and_is_told) {
  auto x = serve("m", options(1, 1));
  EXPECT_EQ(scale("m", 8, 8), "done");
  EXPECT_EQ(x.state->workers(), 8u);
  EXPECT_EQ(x.state->ready_workers(), 8u);
  EXPECT_EQ(x.state->scaling(),
            "grew from 1 worker to 8: fewer than the least that are wanted");
  EXPECT_TRUE(logged("model m grew from 1 worker to 8"));
  EXPECT_EQ(scale("m", 2, 2), "done");
  EXPECT_EQ(x.state->workers(), 2u);
  EXPECT_EQ(x.state->ready_workers(), 2u);
  EXPECT_EQ(threads_of(x), 2u);
  EXPECT_EQ(x.state->scaling(),
            "shrank from 8 workers to 2: more than the most that are wanted");
  EXPECT_EQ(x.state->restarts(), 0u);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

TEST_F(scale_care_test, places_are_used_again) {
  auto x = serve("m", options(1, 1));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(scale("m", 4, 4), "done");
    EXPECT_EQ(scale("m", 1, 1), "done");
  }
  for (const auto& slot : x.script->setups())
    EXPECT_LT(slot.index, 4u);
  EXPECT_EQ(x.state->ready_workers(), 1u);
}

TEST_F(scale_care_test, the_bound_of_the_queue_follows) {
  auto o = options(1, 1);
  o.batch.max_size = 10;
  auto x = serve("m", o);
  const auto before = x.admission->limit();
  scale("m", 4, 4);
  EXPECT_EQ(x.admission->limit(), before + 30);
  scale("m", 2, 2);
  EXPECT_EQ(x.admission->limit(), before + 10);
  scale("m", 1, 1);
  EXPECT_EQ(x.admission->limit(), before);
}

TEST_F(scale_care_test, what_cannot_be_is_refused) {
  serve("m", options(1, 1));
  auto inlined = options(1, 0);
  inlined.execution = execution_mode::inlined;
  serve("i", inlined);
  EXPECT_NE(scale("x", 1, 1).find("model x is not served here"),
            std::string::npos);
  EXPECT_NE(scale("i", 2, 2).find("set its execution to \"dedicated\""),
            std::string::npos);
  for (auto [min, max] : {std::pair{0, 1}, std::pair{2, 1}, std::pair{1, 1025}})
    EXPECT_NE(scale("m", static_cast<std::uint64_t>(min),
                    static_cast<std::uint64_t>(max))
                .find("from 1 to 1024"),
              std::string::npos);
}

TEST_F(scale_care_test, a_busy_worker_finishes_before_it_goes) {
  auto x = serve("m", options(2, 2));
  std::shared_ptr<recording_exchange> other;
  x.script->on_process = [&](auto batch) {
    x.script->on_process = nullptr;
    scale("m", 1, 1);
    EXPECT_EQ(x.state->ready_workers(), 1u) << "it counts no more";
    other = submit(x);
    fake_model::answer_all(batch);
  };
  auto first = submit(x);
  pass(200ms);
  EXPECT_EQ(outcome_of(*first), ok);
  EXPECT_EQ(outcome_of(*other), ok);
  EXPECT_EQ(threads_of(x), 1u);
  EXPECT_EQ(x.state->ready_workers(), 1u);
}

TEST_F(scale_care_test, one_that_dies_on_its_way_out_is_not_replaced) {
  auto x = serve("m", options(2, 2));
  x.script->on_process = [&](auto batch) {
    x.script->on_process = nullptr;
    // The last place goes first, and it is the one that works now.
    scale("m", 1, 1);
    fake_model::die(batch);
  };
  // The queue gives the call to the worker that came last.
  auto poison = submit(x);
  EXPECT_EQ(poison->error->code, errc::worker_died);
  pass(5s);
  EXPECT_EQ(x.state->workers(), 1u);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_EQ(threads_of(x), 1u);
  EXPECT_EQ(x.script->setups().size(), 2u);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

TEST_F(scale_care_test, requests_that_wait_bring_workers) {
  auto x = serve("m", options(1, 4));
  std::vector<std::shared_ptr<recording_exchange>> all;
  x.script->on_process = [&](auto batch) {
    x.script->on_process = nullptr;
    for (int i = 0; i < 4; ++i)
      all.push_back(submit(x));
    EXPECT_EQ(x.state->workers(), 1u);
    pass(400ms);
    EXPECT_GE(x.state->workers(), 2u);
    for (const auto& ex : all)
      EXPECT_EQ(outcome_of(*ex), ok) << "the second worker takes them";
    fake_model::answer_all(batch);
  };
  submit(x);
  EXPECT_TRUE(contains_text(x.state->scaling(), "4 requests waited"))
    << x.state->scaling();
  EXPECT_EQ(board->notes(), "");
  // Nothing to do any more.
  pass(3s);
  EXPECT_EQ(x.state->workers(), 1u);
  EXPECT_EQ(threads_of(x), 1u);
  EXPECT_TRUE(contains_text(x.state->scaling(), "they had little to do"))
    << x.state->scaling();
}

TEST_F(scale_care_test, a_growth_that_fails_harms_nobody_and_backs_off) {
  auto x = serve("m", options(1, 1));
  x.script->on_setup = [](const worker_slot& slot) {
    if (slot.index > 0)
      throw std::runtime_error("no memory");
  };
  scale("m", 2, 2);
  pass(5s);
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  const auto tries = x.script->setups().size() - 1;
  EXPECT_GE(tries, 5u);
  EXPECT_LE(tries, 9u) << "100, 200, 400, 800, 1000, ... ms";
  EXPECT_TRUE(contains_text(x.state->scaling(), "could not be set up"))
    << x.state->scaling();
  EXPECT_TRUE(logged("could not be set up: no memory"));
  // The budget for deaths is untouched.
  die_once(x.script);
  submit(x);
  pass(200ms);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  // And it works when it can.
  x.script->on_setup = nullptr;
  pass(1500ms);
  EXPECT_EQ(x.state->ready_workers(), 2u);
  EXPECT_EQ(failures, strings{});
}

TEST_F(scale_care_test, a_worker_that_was_added_is_restarted_as_others) {
  auto x = serve("m", options(1, 1));
  scale("m", 3, 3);
  die_once(x.script);
  submit(x);
  EXPECT_EQ(x.state->ready_workers(), 2u);
  pass(150ms);
  EXPECT_EQ(x.state->ready_workers(), 3u);
  EXPECT_EQ(x.state->restarts(), 1u);
}

TEST_F(scale_care_test, one_in_its_back_off_goes_before_one_that_is_ready) {
  auto x = serve("m", options(2, 2));
  die_once(x.script);
  submit(x);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  scale("m", 1, 1);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  pass(5s);
  EXPECT_EQ(x.script->setups().size(), 2u) << "the restart is off";
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

TEST_F(scale_care_test, one_that_hangs_while_it_goes_is_left_behind) {
  auto o = options(2, 2);
  o.restart.hang.after = 1s;
  auto x = serve("m", o);
  x.script->on_process = [&](auto batch) {
    x.script->on_process = nullptr;
    batch.front()->abandon(make_failure(errc::deadline_exceeded));
    scale("m", 1, 1);
    pass(1500ms);
    EXPECT_EQ(x.state->stuck_workers(), 1u);
    EXPECT_EQ(x.state->ready_workers(), 1u);
    EXPECT_EQ(outcome_of(*submit(x)), ok);
  };
  submit(x);
  pass(200ms);
  EXPECT_EQ(x.state->stuck_workers(), 0u);
  EXPECT_EQ(x.script->setups().size(), 2u);
  EXPECT_EQ(threads_of(x), 1u);
}

TEST_F(scale_care_test, a_stop_ends_those_that_came_later) {
  auto x = serve("m", options(1, 1));
  scale("m", 4, 4);
  auto stopped = stop(1s);
  ASSERT_TRUE(stopped->value);
  EXPECT_EQ(stopped->value->abandoned_workers, 0u);
}
