#include "troupe/actors/supervision/group_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class group_care_test : public supervisor_fixture {
protected:
  static model_options
  options(std::size_t max_restarts, std::string group = "pair",
          group_strategy strategy = group_strategy::one_for_all) {
    model_options result;
    result.workers = 2;
    result.restart.initial_backoff = 100ms;
    result.restart.max_restarts = max_restarts;
    result.restart.revive_after = 0ms;
    result.restart.supervision.group = std::move(group);
    result.restart.supervision.strategy = strategy;
    return result;
  }
};

} // namespace

TEST_F(group_care_test, one_death_starts_every_worker_of_the_group_again) {
  auto a = serve("a", options(5));
  auto b = serve("b", options(5));
  auto other = serve("other", options(5, "else"));
  die_once(a.script);
  submit(a);
  pass(150ms);
  EXPECT_EQ(a.script->setups().size(), 4u);
  EXPECT_EQ(b.script->setups().size(), 4u);
  EXPECT_EQ(other.script->setups().size(), 2u);
  EXPECT_EQ(a.state->ready_workers(), 2u);
  EXPECT_EQ(b.state->ready_workers(), 2u);
  EXPECT_TRUE(logged(
    "model b is started again: a worker of model a, which is in its group, was "
    "lost"));
  pass(5s);
  EXPECT_EQ(b.script->setups().size(), 4u) << "once";
  EXPECT_EQ(outcome_of(*submit(a)), ok);
  EXPECT_EQ(outcome_of(*submit(b)), ok);
}

TEST_F(group_care_test, the_others_finish_what_they_do) {
  auto a = serve("a", options(5));
  auto b = serve("b", options(5));
  std::shared_ptr<recording_exchange> waiting;
  b.script->on_process = [&](auto batch) {
    b.script->on_process = nullptr;
    die_once(a.script);
    submit(a);
    pass(500ms);
    waiting = submit(b);
    fake_model::answer_all(batch);
  };
  auto running = submit(b);
  pass(500ms);
  EXPECT_EQ(outcome_of(*running), ok);
  EXPECT_EQ(outcome_of(*waiting), ok);
  EXPECT_EQ(b.state->ready_workers(), 2u);
}

TEST_F(group_care_test, one_for_one_leaves_the_others_alone) {
  auto a = serve("a", options(0, "pair", group_strategy::one_for_one));
  auto b = serve("b", options(0, "pair", group_strategy::one_for_one));
  for (int i = 0; i < 2; ++i) {
    die_once(a.script);
    submit(a);
  }
  EXPECT_EQ(a.state->phase(), model_phase::failed);
  EXPECT_EQ(b.state->phase(), model_phase::ready);
  EXPECT_EQ(b.script->setups().size(), 2u);
}

TEST_F(group_care_test, the_group_is_given_up_and_revived_together) {
  auto a = serve("a", options(0));
  auto b = serve("b", options(0));
  for (int i = 0; i < 2; ++i) {
    die_once(a.script);
    submit(a);
  }
  EXPECT_EQ(a.state->phase(), model_phase::failed);
  EXPECT_EQ(b.state->phase(), model_phase::failed);
  EXPECT_EQ(b.state->reason(), "model a, which is in its group, was given up");
  EXPECT_EQ(outcome_of(*submit(b)),
            R"(not_ready: "Model b failed: model a, which is in its group, )"
            R"(was given up")");
  EXPECT_EQ(query<pool_status>(b.pool, atom::status_v).workers, 0u);
  EXPECT_EQ(given_up, (strings{"a: exit", "b: exit"}));
  EXPECT_EQ(revive("b"), "done");
  EXPECT_EQ(a.state->phase(), model_phase::ready);
  EXPECT_EQ(b.state->phase(), model_phase::ready);
  EXPECT_EQ(b.state->ready_workers(), 2u);
  EXPECT_EQ(outcome_of(*submit(b)), ok);
}
