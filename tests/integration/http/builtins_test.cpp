#include "troupe/tests/integration/served.hpp"

namespace troupe {

TEST(builtins, answer_as_litserve_does) {
  served server{R"({
    "server": { "metadata": {"owner": "me"}, "timeout_ms": 20000,
                "max_body_bytes": 1000 },
    "models": [{ "name": "square", "type": "square", "workers": 3 }]})"};
  auto client = server.connect();
  auto root = client.get("/");
  EXPECT_EQ(root.status, 200);
  EXPECT_NE(root.body, "");
  auto health = client.get("/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, "ok");
  EXPECT_TRUE(health.header("Content-Type").starts_with("text/plain"));
  for (auto path : {"/livez", "/readyz", "/startupz"})
    EXPECT_EQ(client.get(path).status, 200) << path;
  auto info = json_of(client.get("/info"));
  EXPECT_EQ(info["model"], (json{{"owner", "me"}}));
  EXPECT_EQ(info["server"]["devices"], json{"cpu"});
  EXPECT_EQ(info["server"]["workers_per_device"], 3);
  EXPECT_EQ(info["server"]["timeout"], 20.0);
  EXPECT_EQ(info["server"]["stream"], (json{{"/predict", false}}));
  EXPECT_EQ(info["server"]["max_payload_size"], 1000);
  EXPECT_EQ(info["server"]["track_requests"], true);
  EXPECT_EQ(info["server"]["active_requests"], 0);
}

TEST(builtins, can_be_moved_and_switched_off) {
  served server{R"({
    "server": { "builtins": { "health": "/my/health", "info": false,
                              "root": false } },
    "models": [{ "name": "square", "type": "square", "predict": "/info" }]})"};
  EXPECT_EQ(server.get("/my/health").body, "ok");
  EXPECT_EQ(server.get("/health").status, 404);
  EXPECT_EQ(server.get("/").status, 404);
  EXPECT_EQ(server.post("/info", R"({"input":3})").status, 200)
    << "a path that is given up is free";
}

TEST(builtins, say_not_ready_while_the_server_drains) {
  served server{R"({
    "server": { "shutdown": { "grace_ms": 600000 } },
    "models": [{ "name": "square", "type": "square" }]})"};
  server.program.signal(SIGTERM);
  ASSERT_TRUE(eventually([&] { return server.get("/health").status == 503; }));
  auto health = server.get("/health");
  EXPECT_EQ(health.body, "not ready");
  EXPECT_EQ(health.header("Connection"), "close");
  auto ready = server.get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("draining"), std::string::npos) << ready.body;
  EXPECT_EQ(server.get("/livez").status, 200);
  EXPECT_EQ(server.post("/predict", R"({"input":3})").status, 200)
    << "connections are still accepted during the grace";
}

TEST(models, have_pools_of_their_own) {
  served server{R"({
    "models": [
      { "name": "stuck", "type": "fault", "predict": "/stuck" },
      { "name": "square", "type": "square", "predict": "/square" },
      { "name": "near", "type": "square", "predict": "/v1/near:predict",
        "execution": "inline" },
      { "name": "silent", "type": "square", "predict": false }
    ]})"};
  auto stuck = hold_worker(server, "/stuck");
  auto waiting = server.connect();
  waiting.send(request_text("POST", "/stuck", "{}"));
  auto client = server.connect();
  for (int i = 0; i < 10; ++i)
    for (auto path : {"/square", "/v1/near:predict"}) {
      auto answer = client.post(path, R"({"input":3})");
      EXPECT_EQ(answer.status, 200) << path;
      EXPECT_EQ(json_of(answer), (json{{"output", 9}}));
    }
  EXPECT_EQ(client.post("/silent", R"({"input":3})").status, 404);
  EXPECT_EQ(client.post("/predict", R"({"input":3})").status, 404);
  EXPECT_FALSE(waiting.readable(std::chrono::milliseconds{0}))
    << "behind the worker that is stuck";
  stuck.close();
  EXPECT_EQ(waiting.read().status, 200) << "the worker came back";
}

TEST(models, run_together_in_a_batch) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep",
                 "batch": { "max_size": 4, "max_delay_ms": 60000 } }]})"};
  std::vector<http_client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(server.connect());
    clients.back().send(request_text("POST", "/predict", "{}"));
  }
  for (auto& client : clients)
    EXPECT_EQ(json_of(client.read())["batch_size"], 4);
}

TEST(models, run_at_the_same_time_on_several_workers) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "workers": 3 }]})"};
  // Three that never end by themselves: only side by side can all begin.
  auto first = hold_worker(server, "/predict");
  auto second = hold_worker(server, "/predict");
  EXPECT_EQ(server.post("/predict", "{}").status, 200);
}

} // namespace troupe
