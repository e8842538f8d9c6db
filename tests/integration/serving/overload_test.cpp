#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

using std::chrono::steady_clock;

/// Everything well before the two seconds that the worker takes.
constexpr auto soon = std::chrono::milliseconds{1'500};

constexpr auto slow = R"({
  "models": [
    { "name": "sleep", "type": "sleep", "options": { "base_ms": 2000 } },
    { "name": "hasty", "type": "sleep", "predict": "/hasty",
      "timeout_ms": 150, "options": { "base_ms": 2000 } }
  ]})";

} // namespace

TEST(overload, turns_away_what_finds_no_place) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep", "queue": { "max_size": 1 },
                 "options": { "base_ms": 1000 } }]})"};
  std::vector<http_client> clients;
  for (int i = 0; i < 6; ++i)
    clients.push_back(server.accepted());
  for (auto& client : clients)
    client.send(request_text("POST", "/predict", "{}"));
  int served_count = 0;
  int refused = 0;
  for (auto& client : clients) {
    auto answer = client.read();
    served_count += answer.status == 200 ? 1 : 0;
    if (answer.status != 503)
      continue;
    ++refused;
    EXPECT_EQ(json_of(answer), (json{{"detail", "Server is overloaded"}}));
    EXPECT_GE(std::atoi(answer.header("Retry-After").c_str()), 1);
  }
  EXPECT_EQ(served_count, 2) << "one runs, one waits";
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(clients.back().post("/predict", "{}").status, 200)
    << "a refusal costs neither the connection nor a place";
}

TEST(deadline, under_a_spec_is_that_of_the_model) {
  served server{R"({
    "server": { "timeout_ms": 150 },
    "models": [
      { "name": "patient", "type": "sleep", "timeout_ms": false,
        "options": { "base_ms": 600 } },
      { "name": "unset", "type": "sleep", "predict": "/unset",
        "options": { "base_ms": 600 } }],
    "specs": [{ "type": "mcp", "options": { "name": "test", "tools": [
      { "model": "patient", "description": "Takes its time.",
        "input_schema": { "type": "object" } },
      { "model": "unset", "description": "Has the server's timeout.",
        "input_schema": { "type": "object" } }]}}]})"};
  auto answer = [&](const std::string& tool, const header_list& headers) {
    header_list all{{"Content-Type", "application/json"},
                    {"Accept", "application/json, text/event-stream"}};
    all.insert(all.end(), headers.begin(), headers.end());
    json call{{"jsonrpc", "2.0"},
              {"id", 1},
              {"method", "tools/call"},
              {"params", {{"name", tool}, {"arguments", json::object()}}}};
    return server.post("/mcp", call.dump(), all).body;
  };
  EXPECT_TRUE(contains(answer("patient", {}), "batch_size"));
  EXPECT_TRUE(contains(answer("unset", {}), "timed out"));
  EXPECT_TRUE(
    contains(answer("patient", {{"X-Request-Timeout", "0.1"}}), "timed out"))
    << "the client may wait less";
}

TEST(deadline, is_told_when_it_passes_not_when_the_worker_is_free) {
  served server{slow};
  auto begin = steady_clock::now();
  auto client = server.connect();
  client.send(
    request_text("POST", "/predict", "{}", {{"X-Request-Timeout", "0.2"}}));
  // Runs into its deadline in the queue.
  auto queued = server.post("/predict", "{}", {{"X-Request-Timeout", "0.1"}});
  EXPECT_EQ(queued.status, 504);
  auto running = client.read();
  EXPECT_EQ(running.status, 504);
  EXPECT_EQ(json_of(running), (json{{"detail", "Request timed out"}}));
  EXPECT_LT(steady_clock::now() - begin, soon);
  EXPECT_EQ(client.get("/livez").status, 200) << "the connection lives on";
}

TEST(deadline, comes_from_the_config_and_is_only_lowered_by_a_request) {
  served server{slow};
  auto begin = steady_clock::now();
  EXPECT_EQ(server.post("/hasty", "{}").status, 504);
  EXPECT_EQ(server.post("/hasty", "{}", {{"X-Request-Timeout", "20"}}).status,
            504);
  EXPECT_LT(steady_clock::now() - begin, soon);
}

TEST(deadline, must_be_a_decimal_number_of_seconds) {
  served server{R"({"models": [{ "name": "square", "type": "square" }]})"};
  auto client = server.connect();
  auto status = [&](const std::string& text) {
    return client
      .post("/predict", R"({"input":2})", {{"X-Request-Timeout", text}})
      .status;
  };
  for (auto text : {"", "0", "0.0", "-1", "+1", "1e3", "1s", "abc", "1,5", ".",
                    "1.", ".5", "inf", "nan", "0x1", "99999999999999999999"})
    EXPECT_EQ(status(text), 400) << '"' << text << '"';
  for (auto text : {"1", "30.5", "0030", "10.000000001"})
    EXPECT_EQ(status(text), 200) << '"' << text << '"';
}

TEST(cancellation, drops_the_work_of_a_client_that_left_the_queue) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault" }]})"};
  auto running = hold_worker(server, "/predict");
  auto waiting = server.accepted();
  auto barrier = server.accepted();
  // Would kill the worker if it ran.
  waiting.send(request_text("POST", "/predict", R"({"mode":"exit"})"));
  server.read_everything(barrier);
  waiting.close();
  server.read_everything(barrier);
  running.close();
  EXPECT_EQ(server.post("/predict", "{}").status, 200);
  server.program.signal(SIGTERM);
  EXPECT_EQ(server.program.wait_exit(), 0);
  auto log = server.program.err();
  EXPECT_EQ(log.find("died"), std::string::npos) << log;
  EXPECT_NE(log.find("2 cancelled"), std::string::npos) << log;
}

TEST(cancellation, reaches_running_work_when_its_client_leaves) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault" }]})"};
  for (int i = 0; i < 3; ++i) {
    auto client = server.accepted();
    auto barrier = server.accepted();
    // Answers nothing and ends only when it is cancelled.
    client.send(request_text("POST", "/predict", R"({"mode":"hang"})"));
    server.read_everything(barrier);
    client.close();
    EXPECT_EQ(server.post("/predict", "{}").status, 200);
  }
}

} // namespace troupe
