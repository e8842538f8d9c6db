#include "troupe/actors/supervision/revival_care.hpp"
#include "troupe/tests/actors/supervisor_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class revival_care_test : public supervisor_fixture {
protected:
  static model_options options(std::size_t workers,
                               std::optional<escalation> escalate = {}) {
    model_options result;
    result.workers = workers;
    result.restart.max_restarts = 0;
    result.restart.revive_after = 0ms;
    result.restart.supervision.escalate = escalate;
    return result;
  }

  /// Lets one worker die, and the model be given up if it was the last.
  void lose_one(const served& x) {
    die_once(x.script);
    submit(x);
  }
};

} // namespace

TEST_F(revival_care_test, a_model_is_revived_by_order) {
  auto x = serve("m", options(1));
  EXPECT_NE(revive("m").find("was not given up"), std::string::npos);
  lose_one(x);
  pass(60s);
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(revive("m"), "done");
  EXPECT_EQ(x.state->phase(), model_phase::ready);
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(outcome_of(*submit(x)), ok);
  EXPECT_TRUE(logged("model m is tried again now"));
  EXPECT_NE(revive("x").find("is not served here"), std::string::npos);
}

TEST_F(revival_care_test, workers_that_were_not_replaced_are_tried_again) {
  auto x = serve("m", options(2));
  lose_one(x);
  EXPECT_EQ(x.state->ready_workers(), 1u);
  EXPECT_EQ(revive("m"), "done");
  EXPECT_EQ(x.state->ready_workers(), 2u);
}

TEST_F(revival_care_test, one_that_fails_again_stays_given_up) {
  auto x = serve("m", options(1));
  lose_one(x);
  x.script->on_setup = [](const auto&) {
    throw std::runtime_error("no memory");
  };
  EXPECT_EQ(revive("m"), "done");
  EXPECT_EQ(x.state->phase(), model_phase::failed);
  EXPECT_EQ(x.state->detail(), "no memory");
  x.script->on_setup = nullptr;
  EXPECT_EQ(revive("m"), "done");
  EXPECT_EQ(x.state->phase(), model_phase::ready);
}

// -- escalation ---------------------------------------------------------------

TEST_F(revival_care_test, a_required_model_ends_the_server_by_default) {
  lose_one(serve("m", options(1)));
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_EQ(given_up, strings{"m: exit"});
  EXPECT_FALSE(board->ready());
}

TEST_F(revival_care_test, it_may_only_make_the_server_unready) {
  auto x = serve("m", options(1, escalation::server_not_ready));
  lose_one(x);
  EXPECT_EQ(failures, strings{});
  EXPECT_EQ(given_up, strings{"m: server-not-ready"});
  EXPECT_FALSE(board->ready());
  EXPECT_EQ(revive("m"), "done");
  EXPECT_TRUE(board->ready());
}

TEST_F(revival_care_test, it_may_concern_the_model_alone) {
  auto x = serve("m", options(1, escalation::model_not_ready));
  lose_one(x);
  EXPECT_EQ(failures, strings{});
  EXPECT_EQ(given_up, strings{"m: model-not-ready"});
  EXPECT_TRUE(board->ready());
  EXPECT_EQ(board->notes(), "model m is failed: its workers died too often\n");
  EXPECT_EQ(outcome_of(*submit(x)),
            R"(not_ready: "Model m failed: its workers died too often")");
}

TEST_F(revival_care_test, an_optional_model_may_end_the_server) {
  auto o = options(1, escalation::exit);
  o.required = false;
  lose_one(serve("m", o));
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_FALSE(board->ready());
}
