#include "troupe/actors/routing/message_gateway.hpp"
#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <algorithm>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class message_gateway_test : public deterministic_system {
protected:
  message_gateway_test() {
    plan.targets.resize(2);
    auto& target = plan.targets[1];
    target.owner = "m";
    target.pool =
      own(sys.spawn(scripted_pool, told, [this](const exchange_ptr& ex) {
        last = ex;
        if (on_model)
          on_model(*ex);
      }));
    target.admission = admission;
    target.state = state;
    target.limits.timeout = 2s;
    board.update(*state, model_phase::ready, 1);
  }

  void SetUp() override {
    cell->store(plan.build(1));
    tested = own(sys.spawn(
      message_gateway, gateway_config{cell, std::make_shared<status_board>()}));
    run();
  }

  void TearDown() override {
    last = nullptr;
    deterministic_system::TearDown();
  }

  answer_ptr<predict_reply> predict(std::string model, nlohmann::json x) {
    auto result = post<predict_reply>(tested, atom::predict_v, std::move(model),
                                      document(std::move(x)));
    run();
    return result;
  }

  static json_ptr document(nlohmann::json x) {
    return std::make_shared<const nlohmann::json>(std::move(x));
  }

  /// Lets an actor of its own ask, which the test may kill.
  caf::actor caller(std::shared_ptr<int> answers) {
    auto result = sys.spawn(
      [=, to = tested](caf::event_based_actor* self, int) -> caf::behavior {
        auto take = [answers](const predict_reply&) { ++*answers; };
        for (int i = 0; i < 2; ++i)
          self
            ->request(to, caf::infinite, atom::predict_v, std::string{"m"},
                      document(i))
            .then(take, [](const caf::error&) {});
        return {[](int) {}};
      },
      0);
    own(result);
    run();
    return result;
  }

  static std::string text(const answer_ptr<predict_reply>& x) {
    if (!x->value)
      return "open";
    return std::to_string(x->value->status) + ' ' + x->value->document->dump();
  }

  std::function<void(exchange&)> on_model = [](exchange& ex) {
    ex.finish(json_reply({{"output", ex.request.json()}}));
  };
  notes told = make_notes();
  exchange_ptr last;
  std::shared_ptr<troupe::admission> admission =
    std::make_shared<troupe::admission>(1);
  std::shared_ptr<model_state> state =
    std::make_shared<model_state>("m", true, 1);
  std::shared_ptr<snapshot_cell> cell = std::make_shared<snapshot_cell>();
  status_board board;
  routing_plan plan;
  gateway_actor tested;
};

} // namespace

TEST_F(message_gateway_test, asks_a_model_by_name) {
  EXPECT_EQ(text(predict("m", 7)), R"(200 {"output":7})");
}

TEST_F(message_gateway_test, gives_the_request_the_models_deadline) {
  on_model = nullptr;
  auto x = predict("m", 7);
  EXPECT_EQ(text(x), "open");
  EXPECT_EQ(last->time.due(), now() + 2s);
  EXPECT_TRUE(last->ticket);
  last->finish(json_reply("later"));
  run();
  EXPECT_EQ(text(x), R"(200 "later")");
}

TEST_F(message_gateway_test, an_unknown_model_is_404) {
  EXPECT_EQ(text(predict("x", 7)), R"(404 {"detail":"no model \"x\""})");
}

TEST_F(message_gateway_test, a_refused_request_is_503) {
  admission_ticket all{admission};
  EXPECT_EQ(text(predict("m", 7)), R"(503 {"detail":"Server is overloaded"})");
  board.update(*state, model_phase::loading, 0);
  EXPECT_EQ(text(predict("m", 7)), R"(503 {"detail":"Model m is loading"})");
}

TEST_F(message_gateway_test, a_failure_is_an_answer_with_its_status) {
  on_model = [](exchange& ex) { ex.fail(http_error(418, "tea").why()); };
  EXPECT_EQ(text(predict("m", 7)), R"(418 {"detail":"tea"})");
}

TEST_F(message_gateway_test, a_stream_becomes_an_array) {
  on_model = [](exchange& ex) {
    ex.write(payload{nlohmann::json(1)});
    ex.write(payload{"two", "text/plain"});
    ex.finish();
  };
  EXPECT_EQ(text(predict("m", 7)), R"(200 [1,"two"])");
}

TEST_F(message_gateway_test, a_stream_that_is_too_large_is_stopped) {
  std::size_t n = 0;
  on_model = [&](exchange& ex) {
    const std::string mib(1024UL * 1024, 'x');
    while (ex.write(payload{mib, "text/plain"}) == flow::ok)
      ++n;
    EXPECT_TRUE(ex.cancelled());
    ex.finish();
  };
  auto x = predict("m", 7);
  EXPECT_EQ(n, max_collected_bytes / (1024UL * 1024) - 1);
  EXPECT_EQ(text(x), "500 {\"detail\":\"The answer is larger than "
                       + std::to_string(max_collected_bytes)
                       + " bytes; ask for a shorter one\"}");
}

TEST_F(message_gateway_test, a_request_that_the_model_drops_is_500) {
  on_model = nullptr;
  auto x = predict("m", 7);
  last = nullptr;
  run();
  EXPECT_EQ(text(x), R"(500 {"detail":"Internal server error"})");
}

TEST_F(message_gateway_test, answers_go_to_those_who_asked) {
  on_model = nullptr;
  admission->limit(2);
  auto a = predict("m", 1);
  auto first = last;
  auto b = predict("m", 2);
  last->finish(json_reply("b"));
  run();
  EXPECT_EQ(text(a), "open");
  EXPECT_EQ(text(b), R"(200 "b")");
  first->finish(json_reply("a"));
  run();
  EXPECT_EQ(text(a), R"(200 "a")");
}

TEST_F(message_gateway_test, a_request_is_answered_at_its_deadline) {
  on_model = nullptr;
  auto x = predict("m", 7);
  advance(2s);
  EXPECT_EQ(text(x), R"(504 {"detail":"Request timed out"})");
  EXPECT_TRUE(last->cancelled());
  // It may still wait there.
  EXPECT_EQ(told->back(), "sweep");
  last->finish(json_reply("too late"));
  run();
}

// -- callers ------------------------------------------------------------------

TEST_F(message_gateway_test, the_death_of_the_caller_cancels_its_work) {
  on_model = nullptr;
  admission->limit(3);
  auto mine = predict("m", 7);
  auto of_another = last;
  auto answers = std::make_shared<int>(0);
  auto who = caller(answers);
  auto second = last;
  EXPECT_FALSE(second->cancelled());
  kill(who);
  EXPECT_TRUE(second->cancelled());
  EXPECT_EQ(told->back(), "sweep");
  EXPECT_FALSE(of_another->cancelled());
  of_another->finish(json_reply("ok"));
  run();
  EXPECT_EQ(text(mine), R"(200 "ok")");
}

TEST_F(message_gateway_test, a_caller_that_has_its_answers_is_not_watched) {
  admission->limit(2);
  auto answers = std::make_shared<int>(0);
  auto who = caller(answers);
  EXPECT_EQ(*answers, 2);
  last = nullptr;
  kill(who);
  EXPECT_EQ(std::count(told->begin(), told->end(), "sweep"), 0);
}

TEST_F(message_gateway_test, a_request_may_bring_its_own_time) {
  on_model = nullptr;
  admission->limit(2);
  auto x = post<predict_reply>(tested, atom::predict_v, std::string{"m"},
                               document(7), caf::timespan{500ms});
  run();
  auto first = last;
  EXPECT_EQ(first->time.due(), now() + 500ms);
  // It only lowers that of the model.
  auto y = post<predict_reply>(tested, atom::predict_v, std::string{"m"},
                               document(7), caf::timespan{1h});
  run();
  EXPECT_EQ(last->time.due(), now() + 2s);
  advance(500ms);
  EXPECT_EQ(text(x), R"(504 {"detail":"Request timed out"})");
  EXPECT_EQ(text(y), "open");
}

TEST_F(message_gateway_test, a_time_must_be_above_zero) {
  auto x = query<predict_reply>(tested, atom::predict_v, std::string{"m"},
                                document(7), caf::timespan{0});
  EXPECT_EQ(x.status, 400);
}

TEST_F(message_gateway_test, its_end_answers_what_is_open) {
  on_model = nullptr;
  auto x = predict("m", 7);
  caf::anon_send_exit(tested, caf::exit_reason::user_shutdown);
  run();
  EXPECT_EQ(text(x), R"(503 {"detail":"Server is shutting down"})");
}

// -- limits of the parts ------------------------------------------------------

namespace {

class gateway_limits_test : public message_gateway_test {
protected:
  gateway_limits_test() {
    on_model = nullptr;
    plan.targets[1].limits = {500ms, 300ms, 0ms};
  }
};

} // namespace

TEST_F(gateway_limits_test, a_request_that_no_worker_takes_is_504) {
  auto x = predict("m", 7);
  advance(499ms);
  EXPECT_EQ(text(x), "open");
  advance(101ms);
  EXPECT_EQ(text(x), R"(504 {"detail":"Request timed out"})");
  EXPECT_TRUE(last->cancelled());
}

TEST_F(gateway_limits_test, a_request_that_runs_too_long_is_504) {
  auto x = predict("m", 7);
  advance(450ms);
  last->start(now());
  // Past the queue's limit.
  advance(250ms);
  EXPECT_EQ(text(x), "open");
  advance(150ms);
  EXPECT_EQ(text(x), R"(504 {"detail":"Request timed out"})");
  EXPECT_TRUE(last->cancelled());
}
