// Several calls of models in one answer.
#include "troupe/tests/actors/spec_runner_fixture.hpp"

using namespace troupe;

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
