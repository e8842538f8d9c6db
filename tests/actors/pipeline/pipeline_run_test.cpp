#include "troupe/actors/pipeline/pipeline_run.hpp"
#include "troupe/specs/values/validation_error.hpp"
#include "troupe/tests/actors/spec_fixture.hpp"

namespace troupe {

namespace {

using nlohmann::json;

/// Runs pipelines over one model `m`, which the test plays.
class pipeline_runs : public spec_fixture {
protected:
  using recording_ptr = std::shared_ptr<recording_exchange>;

  pipeline_runs() {
    admission->limit(1'000);
    on_model = nullptr;
    on_call = [this](const exchange_ptr& ex) { calls.push_back(ex); };
    routing_plan plan;
    plan.targets.resize(2);
    auto& target = plan.targets[1];
    target.owner = "m";
    target.pool =
      own(sys.spawn(scripted_pool, to_model,
                    [this](const exchange_ptr& ex) { on_call(ex); }));
    target.admission = admission;
    target.state = state;
    table->store(plan.build(1));
  }

  void TearDown() override {
    calls.clear();
    spec_fixture::TearDown();
  }

  recording_ptr serve(pipeline_steps steps, std::string body = "[1,2,3]") {
    auto setting = std::make_shared<pipeline_setting>();
    setting->name = "p";
    setting->steps = make_pipeline({}, std::move(steps)).pipeline;
    setting->log = log();
    setting->ended = [this] { ++ended; };
    auto ex = ask(std::move(body), "id");
    pipeline_run::start(setting, table->load(), ex, nullptr);
    run();
    return ex;
  }

  /// Answers the n-th call with what it asked, in a list.
  void answer(std::size_t n) {
    calls[n]->finish(json_reply(json::array({calls[n]->request.json()})));
    run();
  }

  static pipeline_value input_of(const pipeline_scope& x) {
    return json(x.input());
  }

  static json detail(const std::string& step, int status, json inner) {
    return {{"pipeline", "p"},
            {"step", step},
            {"model", "m"},
            {"status", status},
            {"detail", std::move(inner)}};
  }

  std::function<void(const exchange_ptr&)> on_call;
  std::vector<exchange_ptr> calls;
  int ended = 0;
};

} // namespace

TEST_F(pipeline_runs, give_each_step_what_the_one_before_gave) {
  pipeline_steps steps;
  steps.call("m").call("m");
  auto ex = serve(steps, "7");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0]->request_id, "id");
  EXPECT_EQ(calls[0]->request.bytes(), "7");
  answer(0);
  ASSERT_EQ(calls.size(), 2U);
  answer(1);
  EXPECT_EQ(outcome_of(*ex), "200 [[7]]");
  calls.clear();
  EXPECT_EQ(ended, 1);
}

TEST_F(pipeline_runs, do_at_most_so_many_items_of_a_map_at_once) {
  pipeline_steps body;
  body.call("m");
  pipeline_steps steps;
  steps.map(input_of, body, 2);
  auto ex = serve(steps);
  EXPECT_EQ(calls.size(), 2U);
  answer(1);
  ASSERT_EQ(calls.size(), 3U);
  answer(2);
  EXPECT_EQ(outcome_of(*ex), "open");
  answer(0);
  EXPECT_EQ(outcome_of(*ex), "200 [[1],[2],[3]]");
}

TEST_F(pipeline_runs, let_items_wait_for_others_while_a_queue_is_full) {
  admission->limit(2);
  pipeline_steps body;
  body.call("m");
  pipeline_steps steps;
  steps.map(input_of, body, 10);
  auto ex = serve(steps);
  EXPECT_EQ(calls.size(), 2U);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_GT(calls.size(), i);
    calls[i]->ticket.release();
    answer(i);
  }
  EXPECT_EQ(outcome_of(*ex), "200 [[1],[2],[3]]");
}

TEST_F(pipeline_runs, make_values_of_long_lists_without_a_model) {
  pipeline_steps body;
  body.make(
    [](const pipeline_scope& x) -> pipeline_value { return json(x.index()); });
  pipeline_steps steps;
  steps.map(
    [](const pipeline_scope&) -> pipeline_value {
      return json(std::vector<int>(20'000));
    },
    body, 1);
  auto ex = serve(steps);
  ASSERT_TRUE(ex->answer);
  EXPECT_EQ(ex->answer->body.json()->back(), 19'999);
}

TEST_F(pipeline_runs, join_ways_by_name) {
  pipeline_steps left;
  left.call("m");
  pipeline_steps right;
  right.make([](const pipeline_scope&) -> pipeline_value { return json(2); });
  pipeline_steps steps;
  steps.parallel({{"left", left}, {"right", right}});
  auto ex = serve(steps, "1");
  answer(0);
  EXPECT_EQ(outcome_of(*ex), R"(200 {"left":[1],"right":2})");
}

TEST_F(pipeline_runs, take_one_of_two_ways) {
  pipeline_steps then;
  then.call("m");
  pipeline_steps steps;
  steps.branch([](const pipeline_scope& x) { return x.input() == 1; }, then,
               {});
  auto ex = serve(steps, "1");
  answer(0);
  EXPECT_EQ(outcome_of(*ex), "200 [1]");
  ex = serve(steps, "2");
  EXPECT_EQ(payload{ex->answer->body}.take_text(), "2");
  EXPECT_EQ(calls.size(), 1U);
}

TEST_F(pipeline_runs, name_what_failed_and_keep_its_status_and_headers) {
  pipeline_steps body;
  body.call("m").named("read");
  pipeline_steps steps;
  steps.map(input_of, body).named("lines");
  auto ex = serve(steps);
  ASSERT_EQ(calls.size(), 3U);
  auto why = make_failure(errc::overloaded, "full");
  calls[1]->fail(std::move(why));
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->effective_status(), 503);
  EXPECT_EQ(ex->error->headers.find("Retry-After"), "1");
  EXPECT_EQ(ex->error->detail, detail("lines[1].read", 503, "full"));
  // The others are told to stop.
  EXPECT_TRUE(calls[0]->cancelled());
  run();
  EXPECT_EQ(to_model->back(), "sweep");
}

TEST_F(pipeline_runs, keep_the_status_of_a_models_own_error) {
  pipeline_steps steps;
  steps.call("m");
  auto ex = serve(steps);
  calls[0]->finish(json_reply({{"no", 1}}, 404));
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->effective_status(), 404);
  EXPECT_EQ(ex->error->detail, detail("m", 404, {{"no", 1}}));
}

TEST_F(pipeline_runs, recover_where_a_step_says_so) {
  pipeline_steps steps;
  steps.call("m").recover(
    [](const failure& why) -> std::optional<pipeline_value> {
      if (why.code == errc::internal)
        return json("none");
      return std::nullopt;
    });
  auto ex = serve(steps);
  calls[0]->fail(make_failure(errc::internal));
  EXPECT_EQ(outcome_of(*ex), R"(200 "none")");
  ex = serve(steps);
  calls[1]->fail(make_failure(errc::not_ready));
  EXPECT_EQ(ex->error->effective_status(), 503);
}

TEST_F(pipeline_runs, answer_what_a_function_throws) {
  pipeline_steps steps;
  steps.make(
    [](const pipeline_scope&) -> pipeline_value { throw missing_field("x"); });
  EXPECT_EQ(serve(steps)->error->effective_status(), 422);
  pipeline_steps odd;
  odd.make([](const pipeline_scope&) -> pipeline_value {
    throw std::runtime_error("secret");
  });
  auto ex = serve(odd);
  EXPECT_EQ(ex->error->detail["detail"], "Internal server error");
  EXPECT_EQ(logged, "pipeline p step value request id: secret");
}

TEST_F(pipeline_runs, name_a_model_that_is_gone) {
  pipeline_steps steps;
  steps.call("gone");
  auto ex = serve(steps);
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->effective_status(), 503);
  EXPECT_EQ(ex->error->detail["model"], "gone");
}

TEST_F(pipeline_runs, hand_on_the_time_that_is_left) {
  pipeline_steps steps;
  steps.call("m");
  auto ex = serve(steps);
  EXPECT_EQ(calls[0]->time.deadline(), ex->time.deadline());
}

TEST_F(pipeline_runs, cancel_their_calls_when_the_client_leaves) {
  pipeline_steps steps;
  steps.call("m").call("m");
  auto ex = serve(steps);
  ex->abandon(make_failure(errc::cancelled));
  EXPECT_TRUE(calls[0]->cancelled());
  answer(0);
  EXPECT_EQ(calls.size(), 1U);
}

TEST_F(pipeline_runs, hand_on_the_stream_of_their_last_step_only) {
  pipeline_steps steps;
  steps.call("m");
  auto ex = serve(steps);
  calls[0]->write(payload{json(1)});
  calls[0]->finish();
  EXPECT_EQ(ex->items.size(), 1U);
  EXPECT_TRUE(ex->answer);
  steps.call("m");
  ex = serve(steps);
  EXPECT_EQ(calls[1]->write(payload{json(1)}), flow::cancelled);
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->detail["step"], "m");
}

} // namespace troupe
