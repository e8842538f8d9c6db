#include "troupe/tests/actors/spec_runner_fixture.hpp"

#include <cmath>
#include <limits>

using namespace troupe;

namespace {

struct throwing_encoder : reply_encoder {
  reply finish(reply) override {
    throw std::runtime_error("secret");
  }

  std::optional<payload> item(payload) override {
    throw std::runtime_error("secret");
  }

  failure fail(failure) override {
    throw std::runtime_error("secret");
  }
};

/// Makes of everything what JSON has no number for.
struct dividing_encoder : reply_encoder {
  reply finish(reply) override {
    return json_reply(std::numeric_limits<double>::infinity());
  }

  std::optional<payload> item(payload) override {
    return payload{nlohmann::json(std::nan(""))};
  }
};

} // namespace

TEST_F(spec_runner_test, a_handlers_answer_is_the_answer) {
  auto ex = serve([](const request& req, context& ctx) -> outcome {
    return text_reply(req.body + std::string{ctx.request_id()}, 201);
  });
  EXPECT_EQ(outcome_of(*ex), "201 [1]id");
}

TEST_F(spec_runner_test, a_handler_that_throws_is_answered) {
  auto ex =
    serve([](const auto&, auto&) -> outcome { throw http_error(418, "tea"); });
  EXPECT_EQ(ex->error->effective_status(), 418);
  EXPECT_EQ(logged, "");
  ex = serve(
    [](const auto&, auto&) -> outcome { throw std::runtime_error("secret"); });
  EXPECT_EQ(outcome_of(*ex), internal);
  EXPECT_NE(logged.find("(s) request id: secret"), std::string::npos) << logged;
}

TEST_F(spec_runner_test, a_number_that_json_has_not_is_500) {
  auto ex = serve([](const auto&, auto&) -> outcome {
    return nlohmann::json{{"x", std::nan("")}};
  });
  EXPECT_EQ(outcome_of(*ex), internal);
  EXPECT_NE(logged.find("/x"), std::string::npos) << logged;
  EXPECT_EQ(outcome_of(*serve(calling<dividing_encoder>())), internal);
}

TEST_F(spec_runner_test, an_item_with_a_number_that_json_has_not_is_500) {
  on_model = [](exchange& x) {
    x.write(payload{nlohmann::json(1)});
    x.finish();
  };
  auto ex = serve(calling<dividing_encoder>());
  EXPECT_TRUE(ex->items.empty());
  EXPECT_EQ(outcome_of(*ex), internal);
}

TEST_F(spec_runner_test, a_model_gets_the_document_and_answers) {
  auto ex = serve(call);
  EXPECT_EQ(outcome_of(*ex), R"(200 "document")");
  EXPECT_EQ(inner->request.body, "");
  EXPECT_EQ(*to_model, std::vector<std::string>{"exchange id"});
}

TEST_F(spec_runner_test, a_model_gets_the_request_when_there_is_no_document) {
  auto ex = ask("[1]");
  ex->request.headers = {{"X-A", "1"}};
  ex->time.begin(now(), {});
  ex->time.lower_deadline(now());
  serve([](const auto&, auto&) { return call_model("m"); }, ex);
  EXPECT_EQ(outcome_of(*ex), "200 [1]");
  EXPECT_EQ(inner->request.header("x-a"), "1");
  EXPECT_EQ(inner->time.deadline(), ex->time.deadline());
}

TEST_F(spec_runner_test, the_answer_goes_through_the_encoder) {
  auto ex = serve(calling<tagging_encoder>());
  EXPECT_EQ(outcome_of(*ex), R"(201 finish:"document")");
}

TEST_F(spec_runner_test, items_go_through_the_encoder) {
  on_model = [](exchange& x) {
    x.write(payload{nlohmann::json(1)});
    x.write(payload{nlohmann::json(2)});
    x.finish();
  };
  auto ex = serve(calling<tagging_encoder>());
  ASSERT_EQ(ex->items.size(), 2u);
  EXPECT_EQ(ex->items[1].raw()->data, "item:2");
  EXPECT_EQ(outcome_of(*ex), "201 finish:");
}

TEST_F(spec_runner_test, the_clients_exchange_hears_how_items_are_made) {
  /// Who reads too slowly when asked.
  struct slow_reader : recording_exchange {
    bool end_if_too_slow() override {
      return abandon(make_failure(errc::deadline_exceeded));
    }
  };
  on_model = [](exchange& x) {
    x.waits = false;
    x.company = 3;
    x.write(payload{nlohmann::json(1)});
    EXPECT_FALSE(x.cancelled());
    EXPECT_TRUE(x.end_if_too_slow());
    EXPECT_TRUE(x.cancelled());
  };
  auto ex = make_sink<slow_reader>();
  ex->request.body = "[1]";
  serve(call, ex);
  EXPECT_FALSE(ex->waits);
  EXPECT_EQ(ex->company, 3U);
}

TEST_F(spec_runner_test, without_an_encoder_everything_passes_as_it_is) {
  on_model = [](exchange& x) {
    x.write(payload{nlohmann::json(1)});
    x.fail(make_failure(errc::worker_died));
  };
  auto ex = serve(call);
  ASSERT_EQ(ex->items.size(), 1u);
  EXPECT_EQ(*ex->items[0].json(), 1);
  EXPECT_EQ(ex->error->code, errc::worker_died);
}

TEST_F(spec_runner_test, a_failure_goes_through_the_encoder) {
  on_model = [](exchange& x) { x.fail(make_failure(errc::unprocessable)); };
  auto ex = serve(calling<tagging_encoder>());
  EXPECT_EQ(outcome_of(*ex), R"(unprocessable: "fail:unprocessable")");
}

TEST_F(spec_runner_test, an_encoder_that_throws_is_500) {
  auto ex = serve(calling<throwing_encoder>());
  EXPECT_EQ(outcome_of(*ex), internal);
  on_model = [](exchange& x) { x.fail(make_failure(errc::unprocessable)); };
  EXPECT_EQ(outcome_of(*serve(calling<throwing_encoder>())), internal);
}

TEST_F(spec_runner_test, an_encoder_that_throws_in_a_stream_stops_the_model) {
  flow seen = flow::ok;
  on_model = [&](exchange& x) {
    seen = x.write(payload{nlohmann::json(1)});
    x.finish();
  };
  auto ex = serve(calling<throwing_encoder>());
  EXPECT_EQ(seen, flow::cancelled);
  EXPECT_EQ(outcome_of(*ex), internal);
}

TEST_F(spec_runner_test, an_unknown_model_is_404) {
  auto ex = serve([](const auto&, auto&) { return call_model("x", 1); });
  EXPECT_EQ(outcome_of(*ex), R"(not_found: "no model \"x\"")");
  table->store(nullptr);
  EXPECT_EQ(serve(call)->error->code, errc::not_found);
}

TEST_F(spec_runner_test, a_refusal_of_the_model_is_the_clients_failure) {
  board.update(*state, model_phase::failed, 0);
  EXPECT_EQ(outcome_of(*serve(call)), R"(not_ready: "Model m failed")");
  EXPECT_EQ(outcome_of(*serve(calling<tagging_encoder>())),
            R"(not_ready: "fail:not_ready")");
  board.update(*state, model_phase::ready, 1);
  admission_ticket all{gate};
  EXPECT_EQ(serve(call)->error->code, errc::overloaded);
  EXPECT_TRUE(to_model->empty());
}

TEST_F(spec_runner_test, the_models_work_is_cancelled_with_the_clients) {
  on_model = nullptr;
  auto ex = serve(call);
  ASSERT_NE(inner, nullptr);
  EXPECT_FALSE(inner->cancelled());
  ex->cancel();
  EXPECT_TRUE(inner->cancelled());
}

TEST_F(spec_runner_test, a_call_that_the_pool_gives_up_leaves_the_client) {
  on_model = nullptr;
  auto ex = serve(call);
  inner->cancel();
  EXPECT_FALSE(ex->cancelled());
}

TEST_F(spec_runner_test, a_forgotten_call_answers_500) {
  on_model = nullptr;
  auto ex = serve(call);
  EXPECT_EQ(outcome_of(*ex), "open");
  inner = nullptr;
  EXPECT_EQ(outcome_of(*ex), internal);
}

TEST_F(spec_runner_test, what_an_encoder_throws_goes_to_the_log) {
  serve(calling<throwing_encoder>());
  EXPECT_NE(logged.find("secret"), std::string::npos) << logged;
}

// -- failures that the call renders -------------------------------------------

namespace {

outcome call_and_tell(const request& req, context&) {
  auto result = call_model(req.body == "[1]" ? "m" : "nobody", "document");
  result.encoder = std::make_shared<tagging_encoder>();
  result.failed = [](const failure& why) {
    return text_reply("told: " + why.effective_detail().dump());
  };
  return result;
}

/// How the failure of an exchange looks to its client.
std::string told(const recording_exchange& ex) {
  std::string thrown;
  return ex.error ? std::move(ex.render(*ex.error, thrown).body).take_text()
                  : "";
}

} // namespace

TEST_F(spec_runner_test, a_call_renders_the_failures_of_its_model) {
  on_model = [](exchange& ex) { ex.fail(make_failure(errc::overloaded)); };
  EXPECT_EQ(told(*serve(call_and_tell)), R"(told: "fail:overloaded")");
}

TEST_F(spec_runner_test, a_call_renders_a_models_own_error_answers) {
  on_model = [](exchange& ex) { ex.finish(json_reply({{"e", 1}}, 418)); };
  auto ex = serve(call_and_tell);
  EXPECT_EQ(told(*ex), R"(told: {"e":1})");
  EXPECT_EQ(ex->error->effective_status(), 418);
}

TEST_F(spec_runner_test, a_call_renders_refusals_and_unknown_models) {
  EXPECT_EQ(told(*serve(call_and_tell, ask("[2]"))),
            R"(told: "no model \"nobody\"")");
  board.update(*state, model_phase::loading, 0);
  EXPECT_NE(told(*serve(call_and_tell)).find("told: "), std::string::npos);
}

TEST_F(spec_runner_test, a_call_renders_what_its_client_side_decides) {
  on_model = nullptr;
  auto ex = serve(call_and_tell);
  ex->abandon(make_failure(errc::deadline_exceeded));
  EXPECT_EQ(told(*ex), R"(told: "Request timed out")");
}

// -- time ---------------------------------------------------------------------

namespace {

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

TEST_F(spec_runner_test, takes_the_limits_of_the_model_that_it_calls) {
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

TEST_F(spec_runner_test, takes_the_timeout_of_the_model_that_it_calls) {
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

TEST_F(spec_runner_test, sweeps_the_pool_that_the_model_waits_in) {
  on_model = nullptr;
  auto ex = make_sink<handed_on>();
  serve([](const auto&, auto&) { return call_model("m", 1); }, ex);
  ASSERT_TRUE(ex->to.sweep);
  EXPECT_EQ(to_model->size(), 1U);
  ex->to.sweep();
  run();
  EXPECT_EQ(to_model->back(), "sweep");
}

TEST_F(spec_runner_test, sweeps_when_the_client_left_before_the_model_had_it) {
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
