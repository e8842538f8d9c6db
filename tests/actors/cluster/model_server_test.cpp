#include "troupe/actors/cluster/model_server.hpp"
#include "troupe/actors/routing/message_gateway.hpp"
#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/tests/actors/cluster/cluster_doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <algorithm>
#include <limits>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class model_server_test : public deterministic_system {
protected:
  using strings = std::vector<std::string>;

  model_server_test() {
    plan.targets.resize(2);
    auto& target = plan.targets[1];
    target.owner = "m";
    target.pool =
      own(sys.spawn(scripted_pool, told, [this](const exchange_ptr& ex) {
        held.push_back(ex);
        if (on_model)
          on_model(*ex);
      }));
    target.admission = admission;
    target.state = state;
    target.limits.timeout = 2s;
    board->update(*state, model_phase::ready, 1);
  }

  void SetUp() override {
    cell->store(plan.build(1));
    tested = own(serve("m"));
    caller = own(sys.spawn(recording_caller, got));
  }

  void TearDown() override {
    held.clear();
    deterministic_system::TearDown();
  }

  model_actor serve(std::string model) {
    model_server_config config;
    config.model = std::move(model);
    config.cell = cell;
    config.board = board;
    config.schema = R"({"in":1})";
    config.queue_size = 3;
    auto result = sys.spawn(model_server, std::move(config));
    run();
    return result;
  }

  static model_request with(std::string text) {
    model_request x;
    x.body = {body_kind::json, {}, std::move(text)};
    return x;
  }

  answer_ptr<model_answer> predict(model_request x = with("7")) {
    auto result = post<model_answer>(tested, atom::predict_v, std::move(x));
    run();
    return result;
  }

  void open(std::uint64_t id, model_request x = with("7")) {
    tell(tested, atom::open_v, call_id{id}, std::move(x), caller);
    run();
  }

  void cancel(std::uint64_t id) {
    tell(tested, atom::cancel_v, call_id{id}, caller);
    run();
  }

  static std::string text(const answer_ptr<model_answer>& x) {
    return x->value ? text_of(*x->value) : "open";
  }

  std::function<void(exchange&)> on_model = {};
  notes told = make_notes();
  notes got = make_notes();
  std::vector<exchange_ptr> held;
  std::shared_ptr<troupe::admission> admission =
    std::make_shared<troupe::admission>(5);
  std::shared_ptr<model_state> state =
    std::make_shared<model_state>("m", true, 1);
  std::shared_ptr<snapshot_cell> cell = std::make_shared<snapshot_cell>();
  std::shared_ptr<status_board> board = std::make_shared<status_board>();
  routing_plan plan;
  model_actor tested;
  model_caller caller;
};

} // namespace

// -- a whole answer -----------------------------------------------------------

TEST_F(model_server_test, answers_a_whole_answer) {
  on_model = [](exchange& ex) {
    ex.finish(json_reply({{"output", ex.request.json()}}));
  };
  EXPECT_EQ(text(predict()), R"(200 {"output":7})");
  EXPECT_EQ(board->traffic.finished.load(), 1U);
}

TEST_F(model_server_test, the_exchange_has_the_models_limits_and_a_ticket) {
  predict();
  auto x = with("8");
  x.request_id = "mine";
  predict(std::move(x));
  ASSERT_EQ(held.size(), 2U);
  EXPECT_EQ(held[0]->request_id, "call-1");
  EXPECT_EQ(held[1]->request_id, "mine");
  EXPECT_EQ(held[0]->time.due(), now() + 2s);
  EXPECT_TRUE(held[0]->ticket);
  EXPECT_EQ(held[0]->time.deadline(), time_budget::never);
}

TEST_F(model_server_test, a_stream_becomes_an_array) {
  on_model = [](exchange& ex) {
    for (int i = 0; i < 40; ++i)
      ex.write(payload{nlohmann::json(i % 10)});
    ex.finish();
  };
  EXPECT_EQ(text(predict()).substr(0, 15), "200 [0,1,2,3,4,");
}

TEST_F(model_server_test, a_stream_that_is_too_large_is_500) {
  on_model = [](exchange& ex) {
    const std::string mib(1024UL * 1024, 'x');
    while (ex.write(payload{mib, "text/plain"}) == flow::ok) {
      // nop
    }
  };
  EXPECT_TRUE(text(predict()).starts_with("internal 500 "));
}

TEST_F(model_server_test, an_unknown_model_is_404) {
  tested = own(serve("x"));
  EXPECT_EQ(text(predict()), R"(not_found 404 "no model \"x\"")");
  open(1);
  EXPECT_EQ(*got, strings{R"(end 1 not_found 404 "no model \"x\"")"});
}

TEST_F(model_server_test, a_call_that_makes_no_sense_is_400) {
  model_request x;
  x.method = "BREW";
  EXPECT_EQ(text(predict(x)),
            R"(bad_request 400 "the method BREW is not known")");
  open(1, with("{"));
  ASSERT_EQ(got->size(), 1U);
  EXPECT_TRUE(got->back().starts_with("end 1 bad_request 400 "));
  EXPECT_EQ(held.size(), 0U);
  EXPECT_EQ(admission->taken(), 0U);
}

TEST_F(model_server_test, refuses_what_the_model_cannot_take) {
  admission->limit(0);
  EXPECT_EQ(text(predict()), R"(overloaded 503 "Server is overloaded")");
  open(1);
  board->update(*state, model_phase::loading, 0);
  open(2);
  EXPECT_EQ(*got, (strings{R"(end 1 overloaded 503 "Server is overloaded")",
                           R"(end 2 not_ready 503 "Model m is loading")"}));
  // Nothing is left of them.
  admission->limit(1);
  board->update(*state, model_phase::ready, 1);
  open(1);
  EXPECT_EQ(held.size(), 1U);
}

TEST_F(model_server_test, a_call_that_the_model_drops_is_500) {
  auto x = predict();
  open(1);
  held.clear();
  run();
  EXPECT_EQ(text(x), R"(internal 500 "Internal server error")");
  EXPECT_EQ(*got, strings{R"(end 1 internal 500 "Internal server error")"});
}

// -- open calls ---------------------------------------------------------------

TEST_F(model_server_test, an_open_call_gets_its_items_and_its_end) {
  on_model = [](exchange& ex) {
    ex.write(payload{nlohmann::json(1)});
    ex.write(payload{nlohmann::json(2)});
    ex.finish();
  };
  open(3);
  EXPECT_EQ(*got, (strings{"item 3 1", "item 3 2", "end 3 200 "}));
  EXPECT_EQ(board->traffic.finished.load(), 1U);
}

TEST_F(model_server_test, no_more_items_come_than_the_caller_has_room_for) {
  on_model = [](exchange& ex) {
    ex.waits = false;
    for (int i = 0; i < 20; ++i)
      ex.write(payload{nlohmann::json(i)});
    ex.finish();
  };
  open(1);
  held.clear();
  run();
  EXPECT_EQ(got->size(), 16U);
  tell(tested, atom::credit_v, call_id{1}, std::uint32_t{4}, caller);
  run();
  EXPECT_EQ(got->size(), 21U);
  EXPECT_EQ(got->back(), "end 1 200 ");
  // It is over: the rest changes nothing.
  tell(tested, atom::credit_v, call_id{1}, std::uint32_t{4}, caller);
  cancel(1);
  EXPECT_EQ(got->size(), 21U);
}

TEST_F(model_server_test,
       an_end_that_waits_for_credit_waits_no_longer_than_may_be) {
  on_model = [](exchange& ex) {
    ex.waits = false;
    for (int i = 0; i < 20; ++i)
      ex.write(payload{nlohmann::json(i)});
    ex.finish();
  };
  auto x = with("7");
  x.remaining_ms = 500;
  open(1, x);
  held.clear();
  advance(480ms);
  EXPECT_EQ(got->size(), 16U);
  advance(20ms);
  EXPECT_EQ(got->size(), 17U);
  EXPECT_EQ(got->back(), "end 1 200 ");
}

TEST_F(model_server_test, a_number_that_is_open_is_not_opened_again) {
  open(1);
  open(1);
  ASSERT_EQ(held.size(), 1U);
  held[0]->finish(json_reply("first"));
  run();
  open(1);
  EXPECT_EQ(held.size(), 2U);
  EXPECT_EQ(*got, strings{R"(end 1 200 "first")"});
}

TEST_F(model_server_test, numbers_are_of_their_caller) {
  auto others = make_notes();
  auto other = own(sys.spawn(recording_caller, others));
  open(1);
  tell(tested, atom::open_v, call_id{1}, with("8"), other);
  run();
  ASSERT_EQ(held.size(), 2U);
  cancel(1);
  EXPECT_TRUE(held[0]->cancelled());
  EXPECT_FALSE(held[1]->cancelled());
  held[1]->finish(json_reply("theirs"));
  run();
  EXPECT_EQ(*others, strings{R"(end 1 200 "theirs")"});
}

TEST_F(model_server_test, cancel_ends_a_call_and_sweeps_its_queue) {
  open(1);
  cancel(1);
  EXPECT_EQ(*got, strings{R"(end 1 cancelled 499 "Request cancelled")"});
  EXPECT_EQ(told->back(), "sweep");
  EXPECT_TRUE(held[0]->cancelled());
  EXPECT_FALSE(held[0]->finish());
  cancel(1);
  cancel(2);
  EXPECT_EQ(got->size(), 1U);
}

TEST_F(model_server_test, the_end_of_a_caller_cancels_its_calls_only) {
  open(1);
  open(2);
  auto mine = predict();
  kill(caller);
  EXPECT_TRUE(held[0]->cancelled());
  EXPECT_TRUE(held[1]->cancelled());
  EXPECT_FALSE(held[2]->cancelled());
  held[2]->finish(json_reply("ok"));
  run();
  EXPECT_EQ(text(mine), R"(200 "ok")");
}

TEST_F(model_server_test, a_caller_that_is_gone_already_cancels_its_call) {
  kill(caller);
  open(1);
  ASSERT_EQ(held.size(), 1U);
  EXPECT_TRUE(held[0]->cancelled());
}

TEST_F(model_server_test, a_caller_without_open_calls_is_not_watched) {
  on_model = [](exchange& ex) { ex.finish(); };
  open(1);
  open(2);
  held.clear();
  told->clear();
  kill(caller);
  EXPECT_EQ(*told, strings{});
}

// -- time ---------------------------------------------------------------------

TEST_F(model_server_test, a_call_ends_at_what_its_caller_has_left) {
  auto x = with("7");
  x.remaining_ms = 500;
  open(1, x);
  auto y = predict(x);
  EXPECT_EQ(held[0]->time.due(), now() + 500ms);
  advance(480ms);
  EXPECT_EQ(*got, strings{});
  advance(20ms);
  EXPECT_EQ(*got,
            strings{R"(end 1 deadline_exceeded 504 "Request timed out")"});
  EXPECT_EQ(text(y), R"(deadline_exceeded 504 "Request timed out")");
  EXPECT_EQ(told->back(), "sweep");
}

TEST_F(model_server_test, a_call_without_time_left_ends_at_once) {
  auto x = with("7");
  x.remaining_ms = 0;
  open(1, x);
  advance(20ms);
  EXPECT_EQ(got->size(), 1U);
}

TEST_F(model_server_test, a_caller_with_all_the_time_has_the_models_limits) {
  auto x = with("7");
  x.remaining_ms = std::numeric_limits<std::int64_t>::max();
  open(1, x);
  EXPECT_EQ(held[0]->time.due(), now() + 2s);
  advance(1s);
  EXPECT_EQ(*got, strings{});
  x.remaining_ms = std::numeric_limits<std::int64_t>::min();
  open(2, x);
  EXPECT_EQ(held[1]->time.due(), now() + 2s);
}

// -- its own end --------------------------------------------------------------

TEST_F(model_server_test, its_end_ends_what_is_open) {
  open(1);
  auto x = predict();
  caf::anon_send_exit(tested, caf::exit_reason::user_shutdown);
  run();
  EXPECT_EQ(text(x), R"(draining 503 "Server is shutting down")");
  EXPECT_EQ(*got, strings{R"(end 1 draining 503 "Server is shutting down")"});
  EXPECT_TRUE(held[0]->cancelled());
  EXPECT_TRUE(held[1]->cancelled());
}

// -- what it is ---------------------------------------------------------------

TEST_F(model_server_test, says_what_it_is) {
  auto x = query<model_facts>(tested, atom::describe_v);
  EXPECT_EQ(x.name, "m");
  EXPECT_TRUE(x.ready);
  EXPECT_EQ(x.capacity, 2U);
  EXPECT_EQ(x.schema, R"({"in":1})");
  admission->limit(1);
  board->update(*state, model_phase::loading, 0);
  x = query<model_facts>(tested, atom::describe_v);
  EXPECT_FALSE(x.ready);
  EXPECT_EQ(x.capacity, 1U) << "never 0";
  tested = own(serve("x"));
  EXPECT_FALSE(query<model_facts>(tested, atom::describe_v).ready);
}
