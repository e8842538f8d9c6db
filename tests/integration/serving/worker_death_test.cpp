#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

constexpr auto exit_please = R"({"mode":"exit"})";

} // namespace

TEST(worker_death, fails_its_request_at_once_and_is_made_good) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault",
                 "restart": { "initial_backoff_ms": 10,
                              "max_restarts": 100 } }]})"};
  for (int i = 0; i < 3; ++i) {
    auto client = server.connect();
    auto answer = client.post("/predict", R"({"mode":"exit","n":)"
                                            + std::to_string(i) + '}');
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(json_of(answer),
              (json{{"detail", "Worker died while processing the request"}}));
    EXPECT_EQ(client.get("/livez").status, 200) << "only the worker died";
    ASSERT_TRUE(
      eventually([&] { return client.post("/predict", "{}").status == 200; }));
    ASSERT_TRUE(eventually([&] { return server.ready(); }));
  }
  EXPECT_TRUE(server.program.wait_for("fault: asked to exit"));
}

TEST(worker_death, leaves_the_other_workers_alone) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "workers": 2,
                 "restart": { "initial_backoff_ms": 600000,
                              "max_backoff_ms": 600000 } }]})"};
  EXPECT_EQ(server.post("/predict", exit_please).status, 500);
  EXPECT_EQ(server.post("/predict", "{}").status, 200);
  EXPECT_EQ(server.get("/health").status, 200) << "one worker is left";
}

TEST(worker_death, lets_an_idempotent_request_try_once_more_elsewhere) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "workers": 3,
                 "idempotent": true,
                 "restart": { "initial_backoff_ms": 600000,
                              "max_backoff_ms": 600000 } }]})"};
  EXPECT_EQ(server.post("/predict", exit_please).status, 500);
  EXPECT_TRUE(eventually(
    [&] { return count(server.program.err(), "fault: asked to exit") == 2; }));
  // The third is alive: once more, not for ever.
  EXPECT_EQ(server.post("/predict", "{}").status, 200);
  EXPECT_EQ(count(server.program.err(), "fault: asked to exit"), 2U);
}

TEST(worker_death, too_often_ends_the_program_with_1) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault",
                 "restart": { "initial_backoff_ms": 1, "max_backoff_ms": 1,
                              "max_restarts": 2 } },
               { "name": "square", "type": "square", "predict": "/sq" }]})"};
  // Each an input of its own: deaths of one input count once. Whatever comes
  // between is refused while the worker is away.
  int n = 0;
  EXPECT_TRUE(eventually([&] {
    auto answer = server.post("/predict", R"({"mode":"exit","n":)"
                                            + std::to_string(++n) + '}');
    return answer.status == 0 && !server.program.alive();
  }));
  EXPECT_EQ(server.program.wait_exit(), 1);
  auto log = server.program.err();
  EXPECT_EQ(count(log, "worker 0 died"), 3U) << log;
  EXPECT_NE(log.find("fault"), std::string::npos) << log;
  EXPECT_NE(log.find("given up"), std::string::npos) << log;
  EXPECT_NE(log.find("stopped: "), std::string::npos) << log;
}

TEST(worker_death, of_an_optional_model_leaves_the_server_ready) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "required": false,
                 "restart": { "max_restarts": 0 } },
               { "name": "square", "type": "square", "predict": "/sq" }]})"};
  // The server does not wait for an optional model.
  ASSERT_TRUE(
    eventually([&] { return server.post("/predict", "{}").status == 200; }));
  EXPECT_EQ(server.post("/predict", exit_please).status, 500);
  ASSERT_TRUE(server.program.wait_for("giving up"));
  ASSERT_TRUE(
    eventually([&] { return server.post("/predict", "{}").status == 503; }));
  EXPECT_EQ(server.get("/health").status, 200);
  EXPECT_EQ(server.post("/sq", R"({"input":2})").status, 200);
  EXPECT_EQ(json_of(server.post("/predict", "{}")),
            (json{{"detail", "Model fault failed: its workers died too "
                             "often"}}));
  EXPECT_EQ(server.get("/readyz").body,
            "ready\nmodel fault is failed: its workers died too often (not "
            "required)\n");
  auto health =
    json_of(server.get("/health", {{"Accept", "application/json"}}));
  EXPECT_EQ(health["models"][0]["phase"], "failed");
  auto info = json_of(server.get("/info"));
  EXPECT_TRUE(contains(info["models"][0]["state"]["reason"].get<std::string>(),
                       "fault: asked to exit"))
    << info;
}

TEST(worker_death, of_one_input_does_not_take_the_model_away) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "workers": 2,
                 "restart": { "initial_backoff_ms": 1, "max_backoff_ms": 1,
                              "max_restarts": 2 } }]})"};
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(server.post("/predict", exit_please).status, 500) << i;
    ASSERT_TRUE(
      eventually([&] { return server.post("/predict", "{}").status == 200; }))
      << i;
  }
  EXPECT_TRUE(contains(server.post("/predict", exit_please).body,
                       "Workers died of this input"));
  EXPECT_TRUE(server.ready());
}

TEST(worker_death, too_often_spares_what_the_other_workers_do) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "workers": 4,
                 "restart": { "max_restarts": 0 } }]})"};
  std::vector<http_client> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(server.connect());
    clients.back().send(
      request_text("POST", "/predict", i == 5 ? exit_please : "{}"));
  }
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(clients[static_cast<std::size_t>(i)].read().status,
              i == 5 ? 500 : 200)
      << i;
}

#ifdef TROUPE_HAS_ONNX

TEST(worker_death, at_the_start_ends_the_program_with_1) {
  temp_config config{R"({
    "models": [{ "name": "broken", "type": "onnx", "path": "m.onnx" }]})"};
  config.write("m.onnx", "this is no model");
  running_program program{
    troupe_command({"serve", config.path(), "--port", "0"})};
  EXPECT_EQ(program.wait_exit(), 1);
  auto log = program.err();
  EXPECT_NE(log.find("broken"), std::string::npos) << log;
  EXPECT_NE(log.find("could not be set up"), std::string::npos) << log;
  EXPECT_NE(log.find("m.onnx"), std::string::npos) << log;
}

#endif

} // namespace troupe
