#include "troupe/http/builtins/builtins.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace troupe {

namespace {

/// The entry at a path, or null.
const table_entry* at(const std::vector<table_entry>& entries,
                      std::string_view path) {
  auto i = std::find_if(entries.begin(), entries.end(), [&](const auto& e) {
    return e.endpoint.pattern == path;
  });
  return i != entries.end() ? &*i : nullptr;
}

TEST(builtin_entries, stand_at_their_paths_for_everybody) {
  auto entries = builtin_entries({});
  EXPECT_EQ(entries.size(), 8U);
  for (auto* path : {"/", "/health", "/health/{model}", "/livez", "/readyz",
                     "/startupz", "/metrics"}) {
    const auto* e = at(entries, path);
    ASSERT_NE(e, nullptr) << path;
    EXPECT_EQ(e->kind, endpoint_kind::builtin);
    EXPECT_EQ(e->owner, "troupe");
    EXPECT_EQ(e->endpoint.methods, method_set{method::get});
    EXPECT_EQ(e->endpoint.access, access::open);
  }
  ASSERT_NE(at(entries, "/info"), nullptr);
  EXPECT_EQ(at(entries, "/info")->endpoint.access, access::key);
}

TEST(builtin_entries, say_how_they_are_moved) {
  server_options options;
  options.builtins.origin(builtin::readyz).where = "c.json:1:2";
  auto entries = builtin_entries(options);
  const auto& root = at(entries, "/")->origin;
  EXPECT_EQ(root.where, "server_options::builtins[builtin::root]");
  EXPECT_EQ(root.move, "server_options::builtins[builtin::root] = \"/other\"");
  EXPECT_EQ(at(entries, "/readyz")->origin.where, "c.json:1:2");
}

TEST(builtin_entries, are_as_the_table_has_them) {
  server_options options;
  options.shutdown.endpoint_enabled = true;
  auto entries = builtin_entries(options);
  ASSERT_EQ(entries.size(), builtin_table.size());
  for (const auto& x : builtin_table) {
    const auto& e = entries[index_of(x.id)];
    EXPECT_EQ(e.endpoint.pattern, x.path);
    EXPECT_EQ(e.endpoint.methods, method_set{x.method});
    EXPECT_EQ(e.endpoint.access, x.access);
    EXPECT_EQ(e.endpoint_index, index_of(x.id));
  }
}

TEST(builtin_entries, follow_the_options) {
  server_options options;
  options.builtins[builtin::root].reset();
  options.builtins[builtin::info].reset();
  options.builtins[builtin::health] = "/healthz";
  auto entries = builtin_entries(options);
  EXPECT_EQ(entries.size(), 6U);
  EXPECT_EQ(at(entries, "/"), nullptr);
  EXPECT_EQ(at(entries, "/info"), nullptr);
  EXPECT_EQ(at(entries, "/health"), nullptr);
  ASSERT_NE(at(entries, "/healthz"), nullptr);
  EXPECT_EQ(at(entries, "/healthz")->endpoint_index,
            static_cast<std::uint32_t>(builtin::health));
}

TEST(builtin_entries, have_a_shutdown_only_when_it_is_enabled) {
  server_options options;
  EXPECT_EQ(at(builtin_entries(options), "/shutdown"), nullptr);
  options.shutdown.endpoint_enabled = true;
  auto entries = builtin_entries(options);
  ASSERT_NE(at(entries, "/shutdown"), nullptr);
  EXPECT_EQ(at(entries, "/shutdown")->endpoint.access, access::admin);
  EXPECT_EQ(at(entries, "/shutdown")->endpoint.methods,
            method_set{method::post});
  options.builtins[builtin::shutdown].reset();
  EXPECT_EQ(builtin_entries(options).size(), 8U);
}

class answer_builtin_test : public ::testing::Test {
public:
  answer_builtin_test() {
    shared.board = std::make_shared<status_board>();
    needed = std::make_shared<model_state>("m", true, 1);
    spare = std::make_shared<model_state>("s", false, 1);
    shared.board->add(needed);
    shared.board->add(spare);
  }

  /// Status and text, e.g. `200 ok`.
  std::string ask(builtin which) const {
    auto r = answer_builtin(which, shared);
    return std::to_string(r.status) + ' ' + std::move(r.body).take_text();
  }

  static request for_json() {
    request result;
    result.headers.add("Accept", "application/json");
    return result;
  }

  void phase(server_phase server, model_phase model) const {
    shared.board->phase(server);
    shared.board->update(*needed, model, model == model_phase::ready ? 1 : 0);
  }

  front_shared shared;
  std::shared_ptr<model_state> needed;
  std::shared_ptr<model_state> spare;
};

TEST_F(answer_builtin_test, says_that_it_runs_whatever_happens) {
  for (auto server : {server_phase::starting, server_phase::serving,
                      server_phase::draining, server_phase::stopped}) {
    phase(server, model_phase::loading);
    EXPECT_EQ(ask(builtin::root), "200 troupe running");
    EXPECT_EQ(ask(builtin::livez), "200 ok");
  }
}

TEST_F(answer_builtin_test, answers_health_as_litserve_does) {
  EXPECT_EQ(ask(builtin::health), "503 not ready");
  phase(server_phase::serving, model_phase::ready);
  EXPECT_EQ(ask(builtin::health), "200 ok");
  phase(server_phase::serving, model_phase::restarting);
  EXPECT_EQ(ask(builtin::health), "503 not ready");
  phase(server_phase::draining, model_phase::ready);
  EXPECT_EQ(ask(builtin::health), "503 not ready");
}

TEST_F(answer_builtin_test, tells_why_it_is_not_ready) {
  EXPECT_EQ(ask(builtin::readyz),
            "503 server is starting; model m is loading\n");
  phase(server_phase::serving, model_phase::loading);
  EXPECT_EQ(ask(builtin::readyz), "503 model m is loading\n");
  phase(server_phase::serving, model_phase::ready);
  EXPECT_EQ(ask(builtin::readyz), "200 ready\n");
  phase(server_phase::serving, model_phase::failed);
  EXPECT_EQ(ask(builtin::readyz), "503 model m is failed\n");
  phase(server_phase::draining, model_phase::ready);
  EXPECT_EQ(ask(builtin::readyz), "503 server is draining\n");
}

TEST_F(answer_builtin_test, has_started_when_nothing_needed_loads_any_more) {
  EXPECT_EQ(ask(builtin::startupz), "503 model m is loading\n");
  phase(server_phase::serving, model_phase::ready);
  EXPECT_EQ(ask(builtin::startupz), "200 started\n");
  phase(server_phase::serving, model_phase::restarting);
  EXPECT_EQ(ask(builtin::startupz), "200 started\n");
}

TEST_F(answer_builtin_test, shows_the_info_and_what_is_in_work) {
  shared.info = {{"model", nullptr}};
  shared.board->traffic.active.add(2);
  EXPECT_EQ(ask(builtin::info),
            "200 {\"model\":null,\"server\":{\"active_requests\":2}}");
}

TEST_F(answer_builtin_test, is_not_ready_while_a_needed_model_is_unwell) {
  phase(server_phase::serving, model_phase::ready);
  shared.board->health(*spare, 0, false);
  EXPECT_EQ(ask(builtin::health), "200 ok");
  shared.board->health(*needed, 0, false);
  EXPECT_EQ(ask(builtin::health), "503 not ready");
  EXPECT_EQ(ask(builtin::readyz), "503 model m is unhealthy\n");
  shared.board->health(*needed, 0, true);
  EXPECT_EQ(ask(builtin::health), "200 ok");
}

TEST_F(answer_builtin_test, tells_of_a_failed_model_that_is_not_needed) {
  phase(server_phase::serving, model_phase::ready);
  shared.board->update(*spare, model_phase::failed, 0, "no file /a",
                       "it could not be set up");
  EXPECT_EQ(ask(builtin::health), "200 ok");
  EXPECT_EQ(ask(builtin::readyz),
            "200 ready\nmodel s is failed: it could not be set up (not "
            "required)\n");
  shared.info = {{"models", {{{"name", "s"}}}}};
  auto info = answer_builtin(builtin::info, shared);
  const auto& state = (*info.body.json())["models"][0]["state"];
  EXPECT_EQ(state["phase"], "failed");
  EXPECT_EQ(state["reason"], "no file /a");
}

TEST_F(answer_builtin_test, tells_of_workers_that_do_not_come_back) {
  phase(server_phase::serving, model_phase::stuck);
  shared.board->update(*needed, model_phase::stuck, 0, "", "it hangs");
  shared.board->stuck(*needed, 1);
  EXPECT_EQ(ask(builtin::health), "503 not ready");
  EXPECT_EQ(ask(builtin::readyz),
            "503 model m is stuck: it hangs\nmodel m: 1 worker does not come "
            "back from a call that nobody waits for\n");
}

TEST_F(answer_builtin_test, tells_everything_to_a_client_that_asks_for_json) {
  phase(server_phase::serving, model_phase::ready);
  shared.board->update(*needed, model_phase::failed, 0, "no file /a",
                       "it could not be set up");
  for (auto which : {builtin::health, builtin::readyz}) {
    auto r = answer_builtin(which, shared, for_json());
    EXPECT_EQ(r.status, 503);
    const auto& x = *r.body.json();
    EXPECT_EQ(x["status"], "not ready");
    EXPECT_EQ(x["server"], "serving");
    EXPECT_EQ(x["reason"], "model m is failed: it could not be set up");
    EXPECT_EQ(x["models"][0],
              (nlohmann::json{{"name", "m"},
                              {"required", true},
                              {"phase", "failed"},
                              {"healthy", true},
                              {"workers", 1},
                              {"ready_workers", 0},
                              {"stuck_workers", 0},
                              {"restarts", 0},
                              {"reason", "it could not be set up"}}))
      << "what went wrong inside is not for everybody";
  }
  phase(server_phase::serving, model_phase::ready);
  auto r = answer_builtin(builtin::health, shared, for_json());
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ((*r.body.json())["status"], "ready");
}

TEST_F(answer_builtin_test, tells_of_the_model_that_the_path_names) {
  phase(server_phase::serving, model_phase::ready);
  request asked;
  asked.params.emplace_back("model", "m");
  EXPECT_EQ(answer_builtin(builtin::model_health, shared, asked).status, 200);
  asked.params.back().second = "s";
  EXPECT_EQ(answer_builtin(builtin::model_health, shared, asked).status, 503);
}

TEST_F(answer_builtin_test, shuts_down_when_asked_to) {
  int asked = 0;
  shared.on_shutdown = [&] { ++asked; };
  EXPECT_EQ(ask(builtin::shutdown),
            "200 Server is initiating graceful shutdown.");
  EXPECT_EQ(asked, 1);
}

} // namespace

} // namespace troupe
