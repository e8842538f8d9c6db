// The behaviours of LitServe that its users rely on, replayed over HTTP against
// the program, one test for each number of docs/litserve-behaviours.md. That
// page says what is meant to differ, and which tests elsewhere go deeper.
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/integration/serving/at_once.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <thread>

namespace troupe {

namespace {

constexpr auto squares = R"({
  "server": { "metadata": {"owner": "me"} },
  "models": [{ "name": "square", "type": "square", "workers": 2 }]})";

/// Gives back one result less than it got.
struct forgetful {
  std::vector<int> predict(std::span<const int> xs) {
    if (xs.size() == 1)
      return {xs[0]};
    return {xs.begin(), std::prev(xs.end())};
  }
};

/// Each lets in who has its own token: one before the queue, one after it.
struct first_door {
  static bool authorize(const request& req) {
    return req.header("Authorization") == "Bearer first";
  }

  int predict(int x) {
    return x;
  }
};

struct second_door {
  bool authorize(const request& req) {
    return req.header("Authorization") == "Bearer second";
  }

  int predict(int x) {
    return x;
  }
};

struct teapot {
  int decode_request(const json& body) {
    if (body.at("input") == "cup")
      throw http_error(501, "no cups here");
    return 1;
  }

  int predict(int x) {
    return x;
  }
};

/// Exit code and text of `troupe check`.
std::pair<int, std::string> check(std::string_view config) {
  temp_config file{config};
  running_program program{troupe_command({"check", file.path()})};
  auto code = program.wait_exit().value_or(-1);
  return {code, program.err()};
}

} // namespace

TEST(litserve_behaviour, 01_root_answers_that_the_server_runs) {
  served server{squares};
  EXPECT_EQ(server.get("/").status, 200);
  EXPECT_NE(server.get("/").body, "");
}

TEST(litserve_behaviour, 02_health_says_not_ready_then_ok_at_any_path) {
  served server{R"({
    "server": { "builtins": { "health": "/my/health" } },
    "models": [{ "name": "fault", "type": "fault",
                 "restart": { "initial_backoff_ms": 600000,
                              "max_backoff_ms": 600000 } }]})"};
  EXPECT_EQ(server.get("/my/health").status, 200);
  EXPECT_EQ(server.get("/my/health").body, "ok");
  EXPECT_EQ(server.get("/health").status, 404);
  // No worker is left: not ready, and no stale answer.
  EXPECT_EQ(server.post("/predict", R"({"mode":"exit"})").status, 500);
  EXPECT_TRUE(
    eventually([&] { return server.get("/my/health").status == 503; }));
}

TEST(litserve_behaviour, 03_info_tells_model_and_server) {
  served server{squares};
  auto info = json_of(server.get("/info"));
  EXPECT_EQ(info["model"], (json{{"owner", "me"}}));
  for (const auto* key :
       {"devices", "workers_per_device", "timeout", "stream",
        "max_payload_size", "track_requests", "active_requests"})
    EXPECT_TRUE(info["server"].contains(key)) << key;
}

TEST(litserve_behaviour, 03_info_is_this_json_at_a_path_of_your_choice) {
  served server{R"({
    "server": { "metadata": {"owner": "me"},
                "builtins": { "info": "/my/info" } },
    "models": [{ "name": "square", "type": "square", "workers": 2 }]})"};
  EXPECT_EQ(server.get("/info").status, 404);
  auto info = json_of(server.get("/my/info"));
  EXPECT_TRUE(info["version"].is_string());
  info.erase("version");
  EXPECT_EQ(info["models"][0]["state"]["phase"], "ready");
  info["models"][0].erase("state");
  EXPECT_EQ(info, json::parse(R"({
    "model": {"owner": "me"},
    "server": {"devices": ["cpu"], "workers_per_device": 2, "timeout": 30.0,
               "stream": {"/predict": false}, "max_payload_size": 67108864,
               "track_requests": true, "active_requests": 0},
    "models": [{"name": "square", "predict": "/predict", "workers": 2,
                "execution": "dedicated", "stream": false,
                "max_batch_size": 1, "batch_timeout": 0.0,
                "max_queue_size": 256}]})"));
}

TEST(litserve_behaviour, 04_each_of_100_requests_gets_its_own_answer) {
  served server{squares};
  auto client = server.connect();
  std::vector<std::string> bodies;
  for (auto i = 0; i < 100; ++i) {
    bodies.push_back(json{{"input", i}}.dump());
    EXPECT_EQ(json_of(client.post("/predict", bodies.back()))["output"], i * i);
  }
  auto all = at_once(server.port, "/predict", bodies);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(json_of(all[i])["output"], i * i);
}

TEST(litserve_behaviour, 05_predict_has_any_path_that_begins_with_a_slash) {
  served server{R"({"models": [
    { "name": "square", "type": "square", "predict": "/classify" }]})"};
  EXPECT_EQ(server.post("/classify", R"({"input":4})").status, 200);
  EXPECT_EQ(server.post("/predict", R"({"input":4})").status, 404);
  auto [code, text] = check(R"({"models": [
    { "name": "square", "type": "square", "predict": "classify" }]})");
  EXPECT_EQ(code, 2);
  EXPECT_TRUE(contains(text, "predict")) << text;
}

TEST(litserve_behaviour, 06_two_models_answer_and_may_not_clash) {
  served server{R"({"models": [
    { "name": "a", "type": "square", "predict": "/api1" },
    { "name": "b", "type": "echo", "predict": "/api2" }]})"};
  EXPECT_EQ(json_of(server.post("/api1", R"({"input":4})"))["output"], 16.0);
  EXPECT_EQ(json_of(server.post("/api2", R"({"input":4})"))["input"], 4);
  for (const auto* path : {"/api1", "/health", "/info"}) {
    std::string config = R"({"models": [
      { "name": "a", "type": "square", "predict": "/api1" },
      { "name": "b", "type": "echo", "predict": "PATH" }]})";
    config.replace(config.find("PATH"), 4, path);
    auto [code, text] = check(config);
    EXPECT_EQ(code, 2) << path;
    EXPECT_TRUE(contains(text, "model \"b\"")) << text;
  }
}

TEST(litserve_behaviour, 07_and_08_the_key_is_asked_for_where_it_is_wanted) {
  served server{R"({
    "server": { "api_key_env": "KEY" },
    "models": [{ "name": "closed", "type": "square" },
               { "name": "open", "type": "square", "predict": "/open",
                 "access": "public" }]})",
                {{"KEY", "right"}}};
  auto status = [&](std::string_view path, const header_list& headers) {
    return server.post(path, R"({"input":4})", headers).status;
  };
  EXPECT_EQ(status("/open", {}), 200);
  EXPECT_EQ(status("/predict", {}), 401);
  EXPECT_EQ(status("/predict", {{"X-API-Key", "wrong"}}), 401);
  EXPECT_EQ(status("/predict", {{"X-API-Key", "right"}}), 200);
}

TEST(litserve_behaviour, 07_and_08_each_model_has_a_token_of_its_own) {
  quiet_server server;
  server.add<first_door>(named("first", "/first"));
  server.add<second_door>(named("second", "/second"));
  server.add<square>(named("open", "/open"));
  ASSERT_TRUE(server.starts());
  auto status = [&](std::string_view path, const std::string& token) {
    header_list headers;
    if (!token.empty())
      headers.emplace_back("Authorization", "Bearer " + token);
    return http_client{server.port()}.post(path, "4", headers).status;
  };
  EXPECT_EQ(status("/open", ""), 200);
  for (std::string own : {"first", "second"}) {
    std::string other = own == "first" ? "second" : "first";
    EXPECT_EQ(status("/" + own, own), 200);
    EXPECT_EQ(status("/" + own, other), 401);
    EXPECT_EQ(status("/" + own, ""), 401);
  }
}

TEST(litserve_behaviour, 09_shutdown_by_post_ends_the_process) {
  for (const auto* workers : {"1", "3"}) {
    std::string config = R"({
      "server": { "shutdown": { "enabled": true } },
      "models": [{ "name": "square", "type": "square", "workers": N }]})";
    config.replace(config.find('N'), 1, workers);
    served server{config, {{"TROUPE_SHUTDOWN_KEY", "right"}}};
    EXPECT_EQ(server.post("/shutdown", "").status, 401);
    EXPECT_EQ(server.post("/shutdown", "", {{"X-API-Key", "wrong"}}).status,
              401);
    EXPECT_EQ(server.post("/shutdown", "", {{"X-API-Key", "right"}}).status,
              200);
    EXPECT_EQ(server.program.wait_exit(), 0);
  }
}

TEST(litserve_behaviour, 10_the_queue_times_out_or_never) {
  served server{R"({"models": [
    { "name": "a", "type": "sleep", "queue_timeout_ms": 100,
      "options": { "base_ms": 600 } },
    { "name": "b", "type": "sleep", "predict": "/patient", "timeout_ms": false,
      "options": { "base_ms": 300 } }]})"};
  auto all = at_once(server.port, "/predict", {"{}", "{}"});
  EXPECT_EQ(count_status(all, 200), 1);
  EXPECT_EQ(count_status(all, 504), 1);
  EXPECT_EQ(count_status(at_once(server.port, "/patient", {"{}", "{}"}), 200),
            2);
}

TEST(litserve_behaviour, 11_of_three_for_a_batch_of_two_one_times_out) {
  served server{R"({"models": [
    { "name": "a", "type": "sleep", "queue_timeout_ms": 300,
      "batch": { "max_size": 2, "max_delay_ms": 200 },
      "options": { "base_ms": 1000 } }]})"};
  auto all = at_once(server.port, "/predict", {"{}", "{}", "{}"});
  EXPECT_EQ(count_status(all, 200), 2);
  EXPECT_EQ(count_status(all, 504), 1);
}

TEST(litserve_behaviour, 12_two_requests_come_as_one_batch) {
  served server{R"({"models": [
    { "name": "a", "type": "sleep",
      "batch": { "max_size": 2, "max_delay_ms": 20000 } }]})"};
  for (const auto& answer : at_once(server.port, "/predict", {"{}", "{}"}))
    EXPECT_EQ(json_of(answer)["batch_size"], 2);
}

TEST(litserve_behaviour, 13_a_batch_with_a_result_too_few_fails_as_a_whole) {
  quiet_server server;
  auto options = named("forgetful");
  options.batch.max_size = 4;
  options.batch.max_delay = std::chrono::seconds{20};
  server.add<forgetful>(options);
  ASSERT_TRUE(server.starts());
  for (const auto& x :
       at_once(server.port(), "/predict", {"1", "2", "3", "4"})) {
    EXPECT_EQ(x.status, 500);
    EXPECT_EQ(json_of(x)["detail"], "Batch size mismatch");
  }
}

TEST(litserve_behaviour, 14_and_15_errors_keep_what_is_meant_for_the_client) {
  served server{R"({"models": [{ "name": "fault", "type": "fault" }]})"};
  auto thrown = server.post("/predict", R"({"mode":"throw"})");
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(json_of(thrown), (json{{"detail", "Internal server error"}}));
  for (auto status : {400, 501}) {
    auto answer = server.post(
      "/predict", json{{"mode", "status"}, {"status", status}}.dump());
    EXPECT_EQ(answer.status, status);
    EXPECT_TRUE(json_of(answer)["detail"].is_string());
  }
}

TEST(litserve_behaviour, 15_an_error_of_decode_keeps_status_and_text) {
  quiet_server server;
  server.add<teapot>(named("teapot"));
  ASSERT_TRUE(server.starts());
  auto answer = server.post_to("/predict", R"({"input":"cup"})");
  EXPECT_EQ(answer.status, 501);
  EXPECT_EQ(json_of(answer), (json{{"detail", "no cups here"}}));
}

TEST(litserve_behaviour, 16_typed_requests_are_checked) {
  served server{squares};
  EXPECT_EQ(json_of(server.post("/predict", R"({"input":4.0})")),
            (json{{"output", 16.0}}));
  auto wrong = server.post("/predict", R"({"input":"x"})");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(json_of(wrong)["detail"][0]["loc"], (json{"body", "input"}));
  EXPECT_TRUE(json_of(wrong)["detail"][0]["msg"].is_string());
  EXPECT_EQ(server.post("/predict", "{\"input\":").status, 400);
}

TEST(litserve_behaviour, 17_forms_are_read_and_bounded) {
  served server{R"({
    "server": { "max_body_bytes": 1000 },
    "models": [{ "name": "square", "type": "square" }]})"};
  const header_list form{{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(json_of(server.post("/predict", "input=4.0", form))["output"],
            16.0);
  EXPECT_EQ(
    server.post("/predict", "input=" + std::string(2000, '4'), form).status,
    413);
  // A length that lies does not get more in: what goes beyond it is no body.
  auto liar = server.connect();
  liar.send("POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: "
            "application/x-www-form-urlencoded\r\nTransfer-Encoding: "
            "chunked\r\n\r\n800\r\n"
            + std::string(0x800, '4') + "\r\n0\r\n\r\n");
  EXPECT_EQ(liar.read().status, 413);
}

TEST(litserve_behaviour,
     18_large_answers_are_compressed_for_clients_that_accept_it) {
  served server{R"({"models": [{ "name": "echo", "type": "echo" }]})"};
  auto large = json{{"x", std::string(5000, 'x')}}.dump();
  auto packed = server.post("/predict", large, {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 1000U);
  auto plain = server.post("/predict", large);
  EXPECT_EQ(plain.header("Content-Length"), std::to_string(large.size()));
  EXPECT_FALSE(server.post("/predict", "{}", {{"Accept-Encoding", "gzip"}})
                 .has("Content-Encoding"));
}

} // namespace troupe
