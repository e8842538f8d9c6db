#include "troupe/actors/spec_runner.hpp"
#include "troupe/tests/actors/spec_fixture.hpp"

using namespace troupe;

namespace {

class spec_runner_test : public spec_fixture {
protected:
  using recording_ptr = std::shared_ptr<recording_exchange>;

  /// Runs one handler on a request.
  recording_ptr serve(handler h, recording_ptr ex = ask("[1]", "id")) {
    spec s{"s"};
    s.post("/never", [](const auto&, auto&) -> outcome {
      throw std::logic_error("the wrong handler");
    });
    s.post("/x", std::move(h));
    ex->endpoint_index = 1;
    run_handler(s, *table, ex, log(), nullptr);
    run();
    return ex;
  }

  static outcome call(const request&, context&) {
    return call_model("m", "document");
  }

  /// Calls the model and encodes with an encoder.
  template <class Encoder>
  static handler calling() {
    return [](const request&, context&) -> outcome {
      auto result = call_model("m", "document");
      result.encoder = std::make_shared<Encoder>();
      return result;
    };
  }
};

/// Puts a letter before what passes.
struct tagging_encoder : reply_encoder {
  reply finish(reply answer) override {
    auto text = std::move(answer.body).take_text();
    return text_reply("finish:" + text, 201);
  }

  std::optional<payload> item(payload x) override {
    return payload{"item:" + std::move(x).take_text(), "text/plain"};
  }

  failure fail(failure why) override {
    why.detail = "fail:" + std::string{to_string(why.code)};
    return why;
  }
};

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

constexpr auto internal = R"(internal: "Internal server error")";

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

TEST_F(spec_runner_test, a_model_gets_the_document_and_answers) {
  auto ex = serve(call);
  EXPECT_EQ(outcome_of(*ex), R"(200 "document")");
  EXPECT_EQ(inner->request.body, "");
  EXPECT_EQ(*to_model, std::vector<std::string>{"exchange id"});
}

TEST_F(spec_runner_test, a_model_gets_the_request_when_there_is_no_document) {
  auto ex = ask("[1]");
  ex->request.headers = {{"X-A", "1"}};
  ex->deadline = now();
  serve([](const auto&, auto&) { return call_model("m"); }, ex);
  EXPECT_EQ(outcome_of(*ex), "200 [1]");
  EXPECT_EQ(inner->request.header("x-a"), "1");
  EXPECT_EQ(inner->deadline, ex->deadline);
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
  EXPECT_EQ(outcome_of(*serve(call)), R"(not_ready: "Model m is failed")");
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

TEST_F(spec_runner_test, handlers_are_served_like_a_model) {
  auto s = std::make_shared<spec>("s");
  s->post("/x", [](const request&, context&) { return "pong"; });
  s->threads = 3;
  s->max_queue_size = 7;
  auto x = handlers_as_model(s, table);
  EXPECT_EQ(x.options.name, handlers_name(*s));
  // No model can be called that.
  EXPECT_NE(x.options.validate(), "");
  EXPECT_EQ(x.options.workers, 3u);
  EXPECT_EQ(x.options.queue.max_size, 7u);
  EXPECT_TRUE(x.options.required);
  auto made = x.make({});
  EXPECT_TRUE(made->answers_later());
  made->setup({});
  auto ex = ask();
  exchange_ptr ptr = ex;
  made->process({&ptr, 1});
  EXPECT_EQ(outcome_of(*ex), "200 pong");
}

TEST_F(spec_runner_test, what_an_encoder_throws_goes_to_the_log) {
  serve(calling<throwing_encoder>());
  EXPECT_NE(logged.find("secret"), std::string::npos) << logged;
}

// -- several calls ------------------------------------------------------------

namespace {

/// Keeps the items of a stream back, for a whole answer.
struct collecting_encoder : reply_encoder {
  std::string text;

  std::optional<payload> item(payload x) override {
    text += std::move(x).take_text();
    return std::nullopt;
  }

  reply finish(reply) override {
    return text_reply(text);
  }
};

class spec_runner_calls_test : public spec_runner_test {
protected:
  spec_runner_calls_test() {
    on_model = nullptr;
    routing_plan plan;
    plan.targets = table->load()->targets;
    plan.targets[1].gate = std::make_shared<admission>(3);
    plan.targets[1].pool =
      own(sys.spawn(scripted_pool, to_model,
                    [this](const exchange_ptr& ex) { inners.push_back(ex); }));
    table->store(plan.build(2));
  }

  void TearDown() override {
    inners.clear();
    spec_runner_test::TearDown();
  }

  /// Orders a call for each document; joins what they answer.
  static handler calling_all(std::vector<std::string> documents) {
    return [documents](const request&, context&) {
      model_calls result;
      for (const auto& x : documents) {
        result.calls.push_back(call_model("m", x));
        result.calls.back().encoder = std::make_shared<collecting_encoder>();
      }
      result.join = [](std::vector<reply> answers) {
        std::string text;
        for (auto& x : answers)
          text += std::move(x.body).take_text() + ';';
        return text_reply(text);
      };
      return result;
    };
  }

  std::vector<exchange_ptr> inners;
};

} // namespace

TEST_F(spec_runner_calls_test, several_answers_become_one_in_their_order) {
  auto ex = serve(calling_all({"a", "b"}));
  ASSERT_EQ(inners.size(), 2U);
  EXPECT_EQ(inners[1]->request.json(), "b");
  inners[1]->write(payload{nlohmann::json(3)});
  inners[1]->write(payload{nlohmann::json(4)});
  inners[1]->finish();
  EXPECT_EQ(outcome_of(*ex), "open");
  inners[0]->write(payload{nlohmann::json(1)});
  inners[0]->finish();
  EXPECT_TRUE(ex->items.empty());
  EXPECT_EQ(outcome_of(*ex), "200 1;34;");
}

TEST_F(spec_runner_calls_test, a_call_may_end_with_an_item_before_the_others) {
  struct ending_encoder : collecting_encoder {
    std::optional<payload> last_item(reply& answer) override {
      return payload{"end of " + std::move(answer.body).take_text(), "text"};
    }
  };
  auto ex = serve([](const request&, context&) {
    model_calls result;
    for (const auto* x : {"a", "b"}) {
      result.calls.push_back(call_model("m", x));
      result.calls.back().encoder = std::make_shared<ending_encoder>();
    }
    result.join = [](const auto&) { return text_reply("all"); };
    return result;
  });
  ASSERT_EQ(inners.size(), 2U);
  inners[1]->finish(text_reply("2"));
  ASSERT_EQ(ex->items.size(), 1U);
  EXPECT_EQ(ex->items[0].raw()->data, "end of 2");
  EXPECT_EQ(outcome_of(*ex), "open");
  inners[0]->finish(text_reply("1"));
  EXPECT_EQ(ex->items.size(), 2U);
  EXPECT_EQ(outcome_of(*ex), "200 all");
}

TEST_F(spec_runner_calls_test, the_first_failure_stops_the_others) {
  auto ex = serve(calling_all({"a", "b", "c"}));
  ASSERT_EQ(inners.size(), 3U);
  inners[0]->finish();
  inners[1]->fail(make_failure(errc::worker_died));
  EXPECT_EQ(ex->error->code, errc::worker_died);
  EXPECT_TRUE(inners[2]->cancelled());
  inners[2]->finish();
  EXPECT_EQ(ex->error->code, errc::worker_died);
  EXPECT_FALSE(ex->answer);
}

TEST_F(spec_runner_calls_test, an_error_that_a_model_answers_is_one) {
  auto ex = serve(calling_all({"a", "b"}));
  inners[0]->finish(json_reply("no", 418));
  EXPECT_EQ(ex->error->effective_status(), 418);
  EXPECT_EQ(ex->error->effective_detail(), "no");
  EXPECT_TRUE(inners[1]->cancelled());
}

TEST_F(spec_runner_calls_test, a_call_without_room_refuses_them_all) {
  auto ex = serve(calling_all({"a", "b", "c", "d"}));
  EXPECT_EQ(ex->error->code, errc::overloaded);
  for (const auto& x : inners)
    EXPECT_TRUE(x->cancelled());
  EXPECT_EQ(to_model->back(), "sweep");
}

TEST_F(spec_runner_calls_test, a_join_that_throws_is_500) {
  auto ex = serve([](const request&, context&) {
    model_calls result;
    result.calls.push_back(call_model("m", 1));
    result.join = [](std::vector<reply>) -> reply {
      throw std::runtime_error("secret");
    };
    return result;
  });
  inners.at(0)->finish();
  EXPECT_EQ(outcome_of(*ex), internal);
  EXPECT_NE(logged.find("secret"), std::string::npos) << logged;
}

TEST_F(spec_runner_calls_test, a_call_may_ask_for_events) {
  struct noting : recording_exchange {
    void prefer_events() override {
      events = true;
    }
    bool events = false;
  };
  for (auto wanted : {true, false}) {
    auto ex = make_sink<noting>();
    serve(
      [wanted](const request&, context&) {
        auto result = call_model("m", 1);
        result.events = wanted;
        return result;
      },
      ex);
    EXPECT_EQ(ex->events, wanted);
  }
}

// -- failures that the call renders
// --------------------------------------------

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
  return ex.error ? std::move(ex.render(*ex.error).body).take_text() : "";
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
  ex->created = now();
  ex->start(now());
  serve([](const auto&, auto&) { return call_model("m", 1); }, ex);
  EXPECT_EQ(ex->to.heartbeat, std::chrono::milliseconds{7});
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->due(), ex->created + std::chrono::seconds{2});
  EXPECT_EQ(ex->due(), ex->created + std::chrono::seconds{2});
  inner->start(ex->created + std::chrono::seconds{1});
  EXPECT_EQ(inner->due(), ex->created + std::chrono::seconds{4});
  EXPECT_EQ(ex->due(), ex->created + std::chrono::seconds{4});
}

TEST_F(spec_runner_test, takes_the_timeout_of_the_model_that_it_calls) {
  auto plan = routing_plan{};
  plan.targets = table->load()->targets;
  plan.targets[1].timeout = std::chrono::seconds{9};
  table->store(plan.build(2));
  on_model = nullptr;
  auto ex = make_sink<recording_exchange>();
  ex->created = now();
  ex->deadline = now() + std::chrono::seconds{30};
  serve([](const auto&, auto&) { return call_model("m", 1); }, ex);
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->due(), ex->created + std::chrono::seconds{9});
  EXPECT_EQ(ex->due(), ex->created + std::chrono::seconds{9});
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
