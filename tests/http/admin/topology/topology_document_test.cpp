#include "troupe/http/admin/topology/topology_document.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

table_entry entry(std::string pattern, std::string owner, endpoint_kind kind) {
  table_entry result;
  result.endpoint.methods = {method::get};
  result.endpoint.pattern = std::move(pattern);
  result.owner = std::move(owner);
  result.kind = kind;
  result.origin.where = "config.json:3:5";
  return result;
}

struct topology_document_test : testing::Test {
  topology_document_test() {
    board.phase(server_phase::serving);
    facts.options = &options;
    facts.board = &board;
    facts.actors = &actors;
    facts.uptime = 5s;
  }

  /// SUPERVISOR tells of a model with these workers.
  void report(std::vector<worker_report> workers) {
    auto told = std::make_shared<supervision_report>();
    child_report child;
    child.owner = "m";
    child.queues = {7};
    child.workers = std::move(workers);
    told->children.push_back(std::move(child));
    facts.census.supervised = told;
  }

  server_options options;
  status_board board;
  actor_handles actors;
  topology_facts facts;
};

TEST_F(topology_document_test, has_the_server_and_where_its_numbers_are) {
  board.traffic.finished.add(3);
  auto got = topology_document(facts);
  EXPECT_EQ(got["server"]["phase"], "serving");
  EXPECT_EQ(got["server"]["ready"], true);
  EXPECT_FALSE(got["server"].contains("reason"));
  EXPECT_EQ(got["server"]["uptime_ms"], 5000);
  EXPECT_EQ(got["server"]["finished"], 3);
  EXPECT_EQ(got["paths"],
            (json{{"metrics", "/metrics"}, {"shutdown", nullptr}}));
  options.shutdown.endpoint_enabled = true;
  options.builtins[builtin::metrics].reset();
  EXPECT_EQ(topology_document(facts)["paths"],
            (json{{"metrics", nullptr}, {"shutdown", "/shutdown"}}));
}

TEST_F(topology_document_test, says_why_the_server_is_not_ready) {
  auto state = std::make_shared<model_state>("m", true, 2);
  board.add(state);
  board.update(*state, model_phase::failed, 0, "no such file: /x", "no file");
  auto got = topology_document(facts);
  EXPECT_EQ(got["server"]["ready"], false);
  EXPECT_NE(got["server"]["reason"].get<std::string>().find("no file"),
            std::string::npos);
  EXPECT_EQ(got["models"][0]["reason"], "no such file: /x") << "in full";
}

TEST_F(topology_document_test, has_each_model_with_its_last_errors) {
  auto state = std::make_shared<model_state>("m", true, 2);
  board.add(state);
  state->errors().add("first");
  state->errors().add("<b>second</b>");
  model_definition m;
  m.options.name = "m";
  m.options.predict = "/m";
  m.options.batch.max_size = 8;
  m.options.batch.max_delay = 2500us;
  facts.models = {m};
  auto got = topology_document(facts)["models"][0];
  EXPECT_EQ(got["name"], "m");
  EXPECT_EQ(got["kind"], "model");
  EXPECT_EQ(got["phase"], "loading");
  EXPECT_EQ(got["workers"], (json{{"wanted", 2}, {"ready", 0}, {"stuck", 0}}));
  EXPECT_EQ(got["predict"], "/m");
  EXPECT_EQ(got["batch"], (json{{"max_size", 8}, {"max_delay_ms", 2.5}}));
  ASSERT_EQ(got["errors"].size(), 2U);
  EXPECT_EQ(got["errors"][0]["text"], "<b>second</b>");
  EXPECT_EQ(got["errors"][0]["number"], 2);
  EXPECT_GE(got["errors"][0]["age_ms"], 0);
}

TEST_F(topology_document_test, has_workers_below_their_queue) {
  worker_report busy;
  busy.id = 8;
  busy.phase = worker_phase::busy;
  busy.calls = 12;
  busy.age = 2s;
  busy.has_thread = true;
  worker_report dead;
  dead.index = 1;
  dead.phase = worker_phase::waits;
  dead.restarts = 2;
  dead.last_error = "device lost";
  dead.error_age = 40ms;
  report({busy, dead});
  facts.census.queues[7] = {4, 1, 0, 1};
  auto got = topology_document(facts)["actors"];
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0]["role"], "POOL");
  EXPECT_EQ(got[0]["of"], "m");
  EXPECT_EQ(got[0]["state"], "busy");
  EXPECT_EQ(got[0]["queued"], 4);
  EXPECT_EQ(got[1]["role"], "WORKER");
  EXPECT_EQ(got[1]["parent"], 7);
  EXPECT_EQ(got[1]["state"], "busy");
  EXPECT_EQ(got[1]["in_call"], true);
  EXPECT_EQ(got[1]["calls"], 12);
  EXPECT_EQ(got[1]["age_ms"], 2000);
  EXPECT_FALSE(got[1].contains("last_error"));
  EXPECT_EQ(got[2]["state"], "waits to start again");
  EXPECT_EQ(got[2]["restarts"], 2);
  EXPECT_FALSE(got[2].contains("age_ms"));
  EXPECT_EQ(got[2]["last_error"],
            (json{{"text", "device lost"}, {"age_ms", 40}}));
}

TEST_F(topology_document_test, lists_what_does_not_answer) {
  report({});
  facts.census.silent = {7};
  auto got = topology_document(facts)["actors"];
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0]["state"], "does not answer");
  EXPECT_FALSE(got[0].contains("queued"));
}

TEST_F(topology_document_test, has_the_machines_of_remote_workers) {
  worker_report far;
  far.id = 9;
  far.phase = worker_phase::idle;
  far.node = "gpu-7";
  report({far});
  auto got = topology_document(facts);
  EXPECT_EQ(got["actors"][1]["role"], "REMOTE WORKER");
  EXPECT_EQ(got["actors"][1]["thread"], "node gpu-7");
  EXPECT_EQ(
    got["nodes"],
    (json::array({{{"name", "gpu-7"},
                   {"state", "ready"},
                   {"models", {{{"name", "m"}, {"state", "idle"}}}}}})));
}

TEST_F(topology_document_test, has_the_table_with_owners_and_shadowing) {
  auto table = std::make_shared<routing_snapshot>();
  table->version = 4;
  table_options policy;
  policy.on_conflict = conflict_policy::keep_first;
  table->table =
    endpoint_table::build({entry("/v1/{name}", "a", endpoint_kind::spec),
                           entry("/v1/x", "b", endpoint_kind::route),
                           entry("/v1/x", "c", endpoint_kind::predict)},
                          policy);
  facts.table = table;
  auto got = topology_document(facts);
  EXPECT_EQ(got["server"]["table_version"], 4);
  ASSERT_EQ(got["endpoints"].size(), 2U);
  EXPECT_EQ(got["endpoints"][0]["methods"], json::array({"GET"}));
  EXPECT_EQ(got["endpoints"][0]["path"], "/v1/{name}");
  EXPECT_EQ(got["endpoints"][0]["owner"], "a");
  EXPECT_EQ(got["endpoints"][0]["origin"], "config.json:3:5");
  EXPECT_EQ(got["endpoints"][1]["kind"], "route");
  EXPECT_EQ(got["shadowing"], json::array({{{"over", 1}, {"under", 0}}}));
  ASSERT_EQ(got["dropped"].size(), 1U);
  EXPECT_EQ(got["dropped"][0]["owner"], "c");
  EXPECT_EQ(got["dropped"][0]["by"], "b");
}

} // namespace

} // namespace troupe
