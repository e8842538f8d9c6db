// Calls that are stopped by their names, and calls that fail alone.
#include "troupe/tests/actors/handler_fixture.hpp"

using namespace troupe;

namespace {

/// Answers a failure by its code.
std::optional<reply> recovered(const failure& why) {
  return text_reply("no: " + std::string{to_string(why.code)});
}

/// Refuses the second item.
struct picky_encoder : reply_encoder {
  int asked = 0;

  std::optional<payload> item(payload) override {
    if (++asked > 1)
      throw http_error(413, "enough");
    return std::nullopt;
  }

  reply finish(reply answer) override {
    return answer;
  }
};

class call_join_names_test : public handler_fixture {
protected:
  call_join_names_test() {
    on_model = nullptr;
    admission = std::make_shared<troupe::admission>(8);
    set_pool(admission);
  }

  void TearDown() override {
    inners.clear();
    handler_fixture::TearDown();
  }

  void set_pool(std::shared_ptr<troupe::admission> bound) {
    routing_plan plan;
    plan.targets = table->load()->targets;
    plan.targets[1].admission = std::move(bound);
    plan.targets[1].pool =
      own(sys.spawn(scripted_pool, to_model,
                    [this](const exchange_ptr& ex) { inners.push_back(ex); }));
    table->store(plan.build(2));
  }

  /// Orders one call of that name.
  static handler calling_as(std::string name) {
    return [name](const request&, context&) -> outcome {
      auto result = call_model("m", "document");
      result.name = name;
      return result;
    };
  }

  /// Orders a call for each name, which is its model's, too, if that is `gone`;
  /// joins what they answer.
  static handler calling_each(std::vector<std::string> names,
                              std::size_t at_once = 8) {
    return [names, at_once](const request&, context&) {
      model_calls result;
      result.at_once = at_once;
      for (const auto& x : names) {
        auto call = call_model(x == "gone" ? x : "m", x);
        call.encoder = std::make_shared<picky_encoder>();
        call.recover = recovered;
        call.name = x;
        result.calls.push_back(std::move(call));
      }
      result.join = [](std::vector<reply> answers) {
        std::string text;
        for (auto& x : answers)
          text.append(std::move(x.body).take_text()).append(";");
        return text_reply(text);
      };
      return result;
    };
  }

  /// Stops calls as a handler does.
  std::size_t stop(const std::string& name) {
    std::size_t result = 0;
    serve([&](const request&, context& ctx) -> outcome {
      result = ctx.stop_calls(name);
      return reply{202, {}, {}};
    });
    return result;
  }

  std::vector<exchange_ptr> inners;
};

} // namespace

TEST_F(call_join_names_test, a_stopped_call_ends_its_request) {
  auto ex = serve(calling_as("a"));
  auto other = serve(calling_as("b"));
  ASSERT_EQ(inners.size(), 2U);
  EXPECT_EQ(stop("a"), 1U);
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->code, errc::cancelled);
  EXPECT_TRUE(inners[0]->cancelled()) << "the model sees it";
  EXPECT_EQ(to_model->back(), "sweep") << "and what waits is dropped";
  EXPECT_FALSE(inners[1]->cancelled());
  EXPECT_EQ(outcome_of(*other), "open");
  EXPECT_EQ(stop("a"), 0U);
}

TEST_F(call_join_names_test, a_call_that_is_over_is_not_stopped) {
  auto ex = serve(calling_as("a"));
  inners.at(0)->finish(text_reply("1"));
  EXPECT_EQ(outcome_of(*ex), "200 1");
  EXPECT_EQ(stop("a"), 0U);
  EXPECT_FALSE(ex->error);
  inners.clear();
  EXPECT_EQ(known->size(), 0U) << "nothing is kept of it";
}

TEST_F(call_join_names_test, calls_without_a_name_are_not_known) {
  serve(calling_as(""));
  EXPECT_EQ(known->size(), 0U);
  EXPECT_EQ(stop(""), 0U);
  EXPECT_FALSE(inners.at(0)->cancelled());
}

TEST_F(call_join_names_test, a_stopped_call_of_several_leaves_the_others) {
  auto ex = serve(calling_each({"a", "b", "c"}));
  ASSERT_EQ(inners.size(), 3U);
  EXPECT_EQ(stop("b"), 1U);
  EXPECT_TRUE(inners[1]->cancelled());
  EXPECT_FALSE(inners[0]->cancelled());
  EXPECT_EQ(outcome_of(*ex), "open");
  inners[1]->finish(text_reply("late"));
  inners[2]->finish(text_reply("3"));
  inners[0]->finish(text_reply("1"));
  EXPECT_EQ(outcome_of(*ex), "200 1;no: cancelled;3;");
}

TEST_F(call_join_names_test, a_call_is_stopped_before_it_began) {
  auto ex = serve(calling_each({"a", "b", "c"}, 1));
  ASSERT_EQ(inners.size(), 1U);
  EXPECT_EQ(stop("b"), 1U);
  EXPECT_EQ(stop("b"), 0U);
  EXPECT_EQ(outcome_of(*ex), "open");
  inners[0]->finish(text_reply("1"));
  run();
  ASSERT_EQ(inners.size(), 2U);
  EXPECT_EQ(inners[1]->request.json(), "c") << "no model has seen b";
  inners[1]->finish(text_reply("3"));
  EXPECT_EQ(outcome_of(*ex), "200 1;no: cancelled;3;");
}

TEST_F(call_join_names_test, a_call_is_stopped_while_it_waits_for_room) {
  set_pool(std::make_shared<troupe::admission>(1));
  auto ex = serve(calling_each({"a", "b", "c"}));
  ASSERT_EQ(inners.size(), 1U);
  EXPECT_EQ(stop("b"), 1U);
  inners[0]->ticket.release();
  inners[0]->finish(text_reply("1"));
  run();
  ASSERT_EQ(inners.size(), 2U);
  inners[1]->finish(text_reply("3"));
  EXPECT_EQ(outcome_of(*ex), "200 1;no: cancelled;3;");
}

TEST_F(call_join_names_test, what_recovers_fails_alone) {
  auto ex = serve(calling_each({"a", "gone", "c", "d"}));
  ASSERT_EQ(inners.size(), 3U);
  inners[0]->fail(make_failure(errc::worker_died));
  inners[1]->finish(json_reply("no", 418));
  EXPECT_EQ(outcome_of(*ex), "open");
  inners[2]->write(payload{nlohmann::json(1)});
  EXPECT_EQ(inners[2]->write(payload{nlohmann::json(2)}), flow::cancelled);
  EXPECT_TRUE(inners[2]->cancelled()) << "its encoder threw";
  EXPECT_EQ(outcome_of(*ex),
            "200 no: worker_died;no: not_found;no: internal;no: bad_request;");
}

TEST_F(call_join_names_test, a_list_without_any_room_recovers) {
  auto none = std::make_shared<troupe::admission>(1);
  auto taken = take_every_ticket(none);
  set_pool(none);
  auto ex = serve(calling_each({"a", "b"}));
  EXPECT_EQ(outcome_of(*ex), "200 no: overloaded;no: overloaded;");
}

TEST_F(call_join_names_test, the_longest_limits_of_several_models_hold) {
  struct noting : recording_exchange {
    void hand_on(handover to) override {
      limits = to.limits;
    }
    time_limits limits;
  };
  routing_plan plan;
  plan.targets = table->load()->targets;
  plan.targets[1].limits = {.queue = std::chrono::milliseconds{0},
                            .execution = std::chrono::milliseconds{5},
                            .timeout = std::chrono::milliseconds{10}};
  plan.targets.push_back(plan.targets[1]);
  plan.targets[2].owner = "gone";
  plan.targets[2].limits = {.queue = std::chrono::milliseconds{7},
                            .execution = std::chrono::milliseconds{6},
                            .timeout = std::chrono::milliseconds{8}};
  table->store(plan.build(3));
  auto ex = make_sink<noting>();
  serve(calling_each({"a", "gone"}), ex);
  EXPECT_EQ(ex->limits.queue.count(), 0) << "one has no bound";
  EXPECT_EQ(ex->limits.execution.count(), 6);
  EXPECT_EQ(ex->limits.timeout.count(), 10);
  inners.clear();
}
