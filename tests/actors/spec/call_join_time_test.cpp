// The limits of a model that a spec calls, and the pool to sweep.
#include "troupe/tests/actors/handler_fixture.hpp"

using namespace troupe;

namespace {

class call_join_time_test : public handler_fixture {};

/// Keeps what it was told of the model.
class handed_on : public recording_exchange {
public:
  void hand_on(handover x) override {
    recording_exchange::hand_on(x);
    to = std::move(x);
  }

  handover to;
};

} // namespace

TEST_F(call_join_time_test, takes_the_limits_of_the_model_that_it_calls) {
  auto plan = routing_plan{};
  plan.targets = table->load()->targets;
  plan.targets[1].limits = {std::chrono::seconds{2}, std::chrono::seconds{3},
                            std::chrono::milliseconds{0}};
  plan.targets[1].heartbeat = std::chrono::milliseconds{7};
  table->store(plan.build(2));
  on_model = nullptr;
  auto ex = make_sink<handed_on>();
  ex->time.begin(now(), {});
  ex->start(now());
  serve([](const auto&, auto&) { return call_model("m", 1); }, ex);
  EXPECT_EQ(ex->to.heartbeat, std::chrono::milliseconds{7});
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->time.due(), ex->time.created() + std::chrono::seconds{2});
  EXPECT_EQ(ex->time.due(), ex->time.created() + std::chrono::seconds{2});
  inner->start(ex->time.created() + std::chrono::seconds{1});
  EXPECT_EQ(inner->time.due(), ex->time.created() + std::chrono::seconds{4});
  EXPECT_EQ(ex->time.due(), ex->time.created() + std::chrono::seconds{4});
}

TEST_F(call_join_time_test, takes_the_timeout_of_the_model_that_it_calls) {
  auto plan = routing_plan{};
  plan.targets = table->load()->targets;
  plan.targets[1].limits.timeout = std::chrono::seconds{9};
  table->store(plan.build(2));
  on_model = nullptr;
  auto ex = make_sink<recording_exchange>();
  ex->time.begin(now(), {});
  ex->time.lower_deadline(now() + std::chrono::seconds{30});
  serve([](const auto&, auto&) { return call_model("m", 1); }, ex);
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->time.due(), ex->time.created() + std::chrono::seconds{9});
  EXPECT_EQ(ex->time.due(), ex->time.created() + std::chrono::seconds{9});
}

TEST_F(call_join_time_test, sweeps_the_pool_that_the_model_waits_in) {
  on_model = nullptr;
  auto ex = make_sink<handed_on>();
  serve([](const auto&, auto&) { return call_model("m", 1); }, ex);
  ASSERT_TRUE(ex->to.sweep);
  EXPECT_EQ(to_model->size(), 1U);
  ex->to.sweep();
  run();
  EXPECT_EQ(to_model->back(), "sweep");
}

TEST_F(call_join_time_test,
       sweeps_when_the_client_left_before_the_model_had_it) {
  on_model = nullptr;
  auto ex = ask("{}", "id");
  serve(
    [&](const auto&, auto&) {
      ex->cancel();
      return call_model("m", 1);
    },
    ex);
  EXPECT_EQ(*to_model, (std::vector<std::string>{"exchange id", "sweep"}));
}
