#include "troupe/actors/supervision/health_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class health_care_test : public supervisor_fixture {
protected:
  static model_options options(std::chrono::milliseconds unhealthy_after) {
    model_options result;
    result.restart.health_interval = 100ms;
    result.restart.unhealthy_after = unhealthy_after;
    result.restart.initial_backoff = 100ms;
    result.restart.max_restarts = 2;
    result.restart.revive_after = 0ms;
    return result;
  }

  script_ptr script = std::make_shared<fake_model::script>();
  bool well = true;

  health_care_test() {
    script->on_health = [this] { return well; };
  }
};

} // namespace

TEST_F(health_care_test, a_worker_that_stays_sick_is_replaced) {
  auto x = serve("m", options(1s), script);
  ASSERT_TRUE(board->ready());
  well = false;
  pass(900ms);
  EXPECT_FALSE(board->ready()) << "it is not well";
  EXPECT_EQ(script->setups().size(), 1u) << "not yet";
  // The next one is well.
  script->on_setup = [this](const auto&) { well = true; };
  pass(500ms);
  EXPECT_EQ(script->setups().size(), 2u);
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(x.state->restarts(), 1u);
  EXPECT_TRUE(logged("model m worker 0 has not been well for 1000 ms; it is "
                     "replaced after what it is doing"));
  EXPECT_EQ(outcome_of(*submit(x)), ok);
}

TEST_F(health_care_test, one_that_is_well_again_stays) {
  serve("m", options(1s), script);
  for (int i = 0; i < 5; ++i) {
    well = false;
    pass(700ms);
    well = true;
    pass(300ms);
  }
  EXPECT_EQ(script->setups().size(), 1u);
}

TEST_F(health_care_test, it_is_only_told_by_default) {
  serve("m", options(0ms), script);
  well = false;
  pass(60s);
  EXPECT_EQ(script->setups().size(), 1u);
  EXPECT_FALSE(board->ready());
}

TEST_F(health_care_test, a_model_that_never_is_well_is_given_up) {
  well = false;
  auto x = serve("m", options(1s), script);
  pass(10s);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(script->setups().size(), 3u) << "it counts as a death";
  EXPECT_EQ(x.state->detail(),
            "its workers died too often, the last with: it was not well");
}

TEST_F(health_care_test, what_it_does_is_finished_first) {
  auto x = serve("m", options(1s), script);
  well = false;
  std::shared_ptr<recording_exchange> waiting;
  script->on_process = [&](auto batch) {
    script->on_process = nullptr;
    pass(2s);
    waiting = submit(x);
    fake_model::answer_all(batch);
  };
  pass(900ms);
  auto running = submit(x);
  well = true;
  pass(3s);
  EXPECT_EQ(outcome_of(*running), ok);
  EXPECT_EQ(outcome_of(*waiting), ok) << "the next one takes it";
  EXPECT_EQ(script->setups().size(), 2u);
}
