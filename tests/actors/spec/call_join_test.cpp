// Several calls of models in one answer.
#include "troupe/actors/spec/call_join.hpp"
#include "troupe/tests/actors/handler_fixture.hpp"

#include <algorithm>

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

class call_join_test : public handler_fixture {
protected:
  call_join_test() {
    on_model = nullptr;
    routing_plan plan;
    plan.targets = table->load()->targets;
    plan.targets[1].admission = admission;
    plan.targets[1].pool =
      own(sys.spawn(scripted_pool, to_model,
                    [this](const exchange_ptr& ex) { inners.push_back(ex); }));
    table->store(plan.build(2));
  }

  void TearDown() override {
    inners.clear();
    handler_fixture::TearDown();
  }

  /// Orders a call for each document; joins what they answer.
  static handler
  calling_all(std::vector<std::string> documents,
              std::size_t at_once = model_calls::default_at_once) {
    return [documents, at_once](const request&, context&) {
      model_calls result;
      result.at_once = at_once;
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

  std::shared_ptr<troupe::admission> admission =
    std::make_shared<troupe::admission>(3);
  std::vector<exchange_ptr> inners;
};

} // namespace

TEST_F(call_join_test, several_answers_become_one_in_their_order) {
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

TEST_F(call_join_test, a_call_may_end_with_an_item_before_the_others) {
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

TEST_F(call_join_test, the_first_failure_stops_the_others) {
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

TEST_F(call_join_test, an_error_that_a_model_answers_is_one) {
  auto ex = serve(calling_all({"a", "b"}));
  inners[0]->finish(json_reply("no", 418));
  EXPECT_EQ(ex->error->effective_status(), 418);
  EXPECT_EQ(ex->error->effective_detail(), "no");
  EXPECT_TRUE(inners[1]->cancelled());
}

TEST_F(call_join_test, a_list_without_any_room_is_refused) {
  auto others = take_every_ticket(admission);
  auto ex = serve(calling_all({"a", "b"}));
  EXPECT_EQ(ex->error->code, errc::overloaded);
  EXPECT_TRUE(inners.empty());
}

TEST_F(call_join_test, the_first_call_is_left_to_the_pool_without_any_room) {
  std::vector<admission_ticket> others;
  for (int i = 0; i < 3; ++i)
    others.emplace_back(admission);
  auto ex = serve(calling_all({"a", "b"}));
  ASSERT_EQ(inners.size(), 1U);
  EXPECT_TRUE(inners[0]->ticket.is_above());
  EXPECT_TRUE(inners[0]->through_spec);
  EXPECT_EQ(outcome_of(*ex), "open");
}

TEST_F(call_join_test, calls_begin_as_others_end) {
  auto ex = serve(calling_all({"a", "b", "c", "d", "e"}, 2));
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_EQ(inners.size(), std::min<std::size_t>(i + 2, 5));
    EXPECT_EQ(outcome_of(*ex), "open");
    EXPECT_EQ(inners[i]->request.json(), std::string(1, "abcde"[i]));
    inners[i]->write(payload{nlohmann::json(i)});
    inners[i]->finish();
    inners[i]->ticket.release();
    run();
  }
  EXPECT_EQ(outcome_of(*ex), "200 0;1;2;3;4;");
}

TEST_F(call_join_test, a_list_is_longer_than_the_models_queue) {
  auto ex = serve(calling_all({"a", "b", "c", "d", "e"}));
  ASSERT_EQ(inners.size(), 3U);
  // It is over, but its worker has not given its place back.
  inners[0]->finish();
  run();
  EXPECT_EQ(inners.size(), 3U);
  inners[0]->ticket.release();
  inners[1]->finish();
  run();
  ASSERT_EQ(inners.size(), 4U);
  inners[1]->ticket.release();
  inners[2]->finish();
  run();
  ASSERT_EQ(inners.size(), 5U);
  inners[4]->finish();
  inners[3]->finish();
  EXPECT_EQ(outcome_of(*ex), "200 ;;;;;");
}

TEST_F(call_join_test, the_rest_is_refused_when_others_take_the_room) {
  auto ex = serve(calling_all({"a", "b", "c", "d"}));
  ASSERT_EQ(inners.size(), 3U);
  std::vector<admission_ticket> others;
  for (const auto& x : inners) {
    EXPECT_FALSE(ex->error);
    others = take_every_ticket(admission);
    x->finish();
  }
  EXPECT_EQ(ex->error->code, errc::overloaded);
}

TEST_F(call_join_test, nothing_begins_for_a_client_that_does_not_wait) {
  auto failed = serve(calling_all({"a", "b", "c"}, 2));
  inners.at(0)->fail(make_failure(errc::worker_died));
  inners.at(1)->finish();
  auto left = serve(calling_all({"a", "b", "c"}, 1));
  left->abandon(make_failure(errc::cancelled));
  inners.at(2)->finish();
  run();
  EXPECT_EQ(inners.size(), 3U);
}

TEST_F(call_join_test, a_model_that_goes_meanwhile_fails_the_rest) {
  auto ex = serve(calling_all({"a", "b", "c"}, 2));
  board.update(*state, model_phase::failed, 0);
  inners.at(1)->finish();
  EXPECT_EQ(ex->error->code, errc::not_ready);
  EXPECT_TRUE(inners.at(0)->cancelled());
  run();
  EXPECT_EQ(to_model->back(), "sweep");
}

TEST_F(call_join_test, what_begins_later_does_not_wait_before) {
  auto ex = make_sink<recording_exchange>();
  ex->time.begin(deadline_clock::now() - std::chrono::hours{1}, {});
  serve(calling_all({"a", "b"}, 1), ex);
  EXPECT_EQ(inners.at(0)->time.created(), ex->time.created());
  inners[0]->start(deadline_clock::now());
  inners[0]->finish();
  run();
  EXPECT_GT(inners.at(1)->time.created(),
            deadline_clock::now() - std::chrono::minutes{1});
}

TEST_F(call_join_test, a_join_that_throws_is_500) {
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

TEST_F(call_join_test, a_call_may_ask_for_events) {
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
