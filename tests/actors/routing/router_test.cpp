#include "troupe/actors/routing/router.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/actors/table_entries.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class router_test : public deterministic_system {
protected:
  router_test() {
    auto entry = table_entries::model_at("m", "/predict", "config.json:3:5");
    entry.target = 1;
    config.plan.entries = {entry};
    config.plan.targets.resize(2);
    auto& target = config.plan.targets[1];
    target.owner = "m";
    target.pool =
      own(sys.spawn(scripted_pool, told, [this](const exchange_ptr& ex) {
        last = ex;
        if (on_model)
          on_model(*ex);
      }));
    target.gate = gate;
    target.state = state;
    target.timeout = 2s;
    config.cell = cell;
    board.update(*state, model_phase::ready, 1);
  }

  void SetUp() override {
    tested = own(sys.spawn(router, config));
    run();
  }

  void TearDown() override {
    last = nullptr;
    deterministic_system::TearDown();
  }

  /// A change that puts a route on a path.
  static table_change_ptr route_on(std::string_view path) {
    auto result = std::make_shared<table_change>();
    result->add = {table_entries::route({method::post}, path, "main.cpp:7")};
    result->targets.resize(1);
    result->targets[0].owner = "routes";
    return result;
  }

  answer_ptr<predict_reply> predict(std::string model, nlohmann::json x) {
    auto result =
      post<predict_reply>(tested, atom::predict_v, std::move(model),
                          std::make_shared<const nlohmann::json>(std::move(x)));
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
  std::shared_ptr<admission> gate = std::make_shared<admission>(1);
  std::shared_ptr<model_state> state =
    std::make_shared<model_state>("m", true, 1);
  std::shared_ptr<snapshot_cell> cell = std::make_shared<snapshot_cell>();
  status_board board;
  router_config config{{}, {}, std::make_shared<status_board>(), no_log()};
  router_actor tested;
};

} // namespace

TEST_F(router_test, publishes_its_first_table_at_once) {
  ASSERT_NE(cell->load(), nullptr);
  EXPECT_EQ(cell->load()->version, 1u);
  EXPECT_EQ(query<snapshot_ptr>(tested, atom::table_v), cell->load());
}

TEST_F(router_test, quits_over_a_plan_with_conflicts) {
  auto bad = config;
  bad.cell = std::make_shared<snapshot_cell>();
  bad.plan.entries.push_back(bad.plan.entries[0]);
  bad.plan.entries[1].owner = "other";
  auto end = watch(own(sys.spawn(router, bad)));
  ASSERT_TRUE(*end);
  EXPECT_NE((**end).find("other"), std::string::npos) << **end;
  EXPECT_EQ(bad.cell->load(), nullptr);
}

TEST_F(router_test, a_change_is_a_new_version) {
  auto old = cell->load();
  EXPECT_EQ(query<std::uint64_t>(tested, atom::change_v, route_on("/x")), 2u);
  auto next = cell->load();
  EXPECT_EQ(next->version, 2u);
  auto found = next->table.find(method::post, "/x");
  ASSERT_NE(found.entry, nullptr);
  EXPECT_EQ(next->target(*found.entry).owner, "routes");
  // Requests in work still have theirs.
  EXPECT_EQ(old->table.find(method::post, "/x").entry, nullptr);
}

TEST_F(router_test, a_conflict_leaves_the_old_table_and_names_both_owners) {
  auto old = cell->load();
  auto x = post<std::uint64_t>(tested, atom::change_v, route_on("/predict"));
  run();
  EXPECT_FALSE(x->value);
  for (auto word : {"/predict", "m", "routes", "config.json:3:5", "main.cpp:7"})
    EXPECT_NE(x->error.find(word), std::string::npos) << x->error;
  EXPECT_EQ(cell->load(), old);
  // Nor does the refused entry come back with the next change.
  EXPECT_EQ(query<std::uint64_t>(tested, atom::change_v, route_on("/x")), 2u);
}

TEST_F(router_test, a_malformed_pattern_is_refused) {
  auto x = post<std::uint64_t>(tested, atom::change_v, route_on("no-slash"));
  run();
  EXPECT_FALSE(x->value);
  EXPECT_NE(x->error.find("main.cpp:7"), std::string::npos) << x->error;
  EXPECT_EQ(cell->load()->version, 1u);
}

TEST_F(router_test, every_front_gets_every_version) {
  auto a = std::make_shared<std::vector<snapshot_ptr>>();
  auto b = std::make_shared<std::vector<snapshot_ptr>>();
  tell(tested, atom::join_v, own(sys.spawn(scripted_front, a)));
  query<std::uint64_t>(tested, atom::change_v, route_on("/x"));
  tell(tested, atom::join_v, own(sys.spawn(scripted_front, b)));
  query<std::uint64_t>(tested, atom::change_v, route_on("/y"));
  auto versions = [](const auto& xs) {
    std::vector<std::uint64_t> result;
    for (const auto& x : *xs)
      result.push_back(x->version);
    return result;
  };
  EXPECT_EQ(versions(a), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(versions(b), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(b->back(), cell->load());
}

TEST_F(router_test, asks_a_model_by_name) {
  EXPECT_EQ(text(predict("m", 7)), R"(200 {"output":7})");
}

TEST_F(router_test, gives_the_request_the_models_deadline) {
  on_model = nullptr;
  auto x = predict("m", 7);
  EXPECT_EQ(text(x), "open");
  EXPECT_EQ(last->deadline, now() + 2s);
  EXPECT_TRUE(last->ticket);
  last->finish(json_reply("later"));
  run();
  EXPECT_EQ(text(x), R"(200 "later")");
}

TEST_F(router_test, an_unknown_model_is_404) {
  EXPECT_EQ(text(predict("x", 7)), R"(404 {"detail":"no model \"x\""})");
}

TEST_F(router_test, a_refused_request_is_503) {
  admission_ticket all{gate};
  EXPECT_EQ(text(predict("m", 7)), R"(503 {"detail":"Server is overloaded"})");
  board.update(*state, model_phase::loading, 0);
  EXPECT_EQ(text(predict("m", 7)), R"(503 {"detail":"Model m is loading"})");
}

TEST_F(router_test, a_failure_is_an_answer_with_its_status) {
  on_model = [](exchange& ex) { ex.fail(http_error(418, "tea").why()); };
  EXPECT_EQ(text(predict("m", 7)), R"(418 {"detail":"tea"})");
}

TEST_F(router_test, a_stream_becomes_an_array) {
  on_model = [](exchange& ex) {
    ex.write(payload{nlohmann::json(1)});
    ex.write(payload{"two", "text/plain"});
    ex.finish();
  };
  EXPECT_EQ(text(predict("m", 7)), R"(200 [1,"two"])");
}

TEST_F(router_test, a_stream_that_is_too_large_is_stopped) {
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
                       + " bytes; ask for less\"}");
}

TEST_F(router_test, a_request_that_the_model_drops_is_500) {
  on_model = nullptr;
  auto x = predict("m", 7);
  last = nullptr;
  run();
  EXPECT_EQ(text(x), R"(500 {"detail":"Internal server error"})");
}

TEST_F(router_test, answers_go_to_those_who_asked) {
  on_model = nullptr;
  gate->limit(2);
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

TEST_F(router_test, a_request_is_answered_at_its_deadline) {
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

// -- limits of the parts ------------------------------------------------------

namespace {

class router_limits_test : public router_test {
protected:
  router_limits_test() {
    on_model = nullptr;
    config.plan.targets[1].limits = {500ms, 300ms, 0ms};
  }
};

} // namespace

TEST_F(router_limits_test, a_request_that_no_worker_takes_is_504) {
  auto x = predict("m", 7);
  advance(499ms);
  EXPECT_EQ(text(x), "open");
  advance(101ms);
  EXPECT_EQ(text(x), R"(504 {"detail":"Request timed out"})");
  EXPECT_TRUE(last->cancelled());
}

TEST_F(router_limits_test, a_request_that_runs_too_long_is_504) {
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
