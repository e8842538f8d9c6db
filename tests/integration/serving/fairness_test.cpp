// Who is served, and who is refused and how, when more comes than can be done.
#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

/// Sends a request to a model, on a connection that the server has accepted.
http_client sent(const served& server, const header_list& headers = {},
                 std::string_view path = "/predict",
                 const std::string& body = "{}") {
  auto result = server.accepted();
  result.send(request_text("POST", path, body, headers));
  return result;
}

/// Those answered 200 and 503, in this order.
std::pair<int, int> tally(std::vector<http_client>& clients) {
  std::pair<int, int> result;
  for (auto& x : clients) {
    auto status = x.read().status;
    result.first += status == 200 ? 1 : 0;
    result.second += status == 503 ? 1 : 0;
  }
  return result;
}

} // namespace

TEST(fairness, a_full_queue_has_room_for_a_quiet_tenant) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep",
                 "queue": { "max_size": 4, "fair_by": "header",
                            "fair_header": "X-Tenant" },
                 "options": { "base_ms": 150 } }]})"};
  std::vector<http_client> noisy;
  for (int i = 0; i < 12; ++i)
    noisy.push_back(sent(server, {{"X-Tenant", "noisy"}}));
  auto barrier = server.accepted();
  server.read_everything(barrier);
  EXPECT_EQ(server.post("/predict", "{}", {{"X-Tenant", "quiet"}}).status, 200);
  auto [done, refused] = tally(noisy);
  EXPECT_EQ(done, 4) << "one ran, four waited, one of them gave way";
  EXPECT_EQ(refused, 8);
}

TEST(fairness, a_spec_is_not_starved_by_predict_traffic) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep", "queue": { "max_size": 4 },
                 "options": { "base_ms": 150 } }],
    "specs": [{ "type": "mcp", "options": { "name": "test", "tools": [
      { "model": "sleep", "description": "Sleeps.",
        "input_schema": { "type": "object" } }]}}]})"};
  std::vector<http_client> noisy;
  for (int i = 0; i < 12; ++i)
    noisy.push_back(sent(server));
  auto barrier = server.accepted();
  server.read_everything(barrier);
  auto answer =
    server.post("/mcp",
                R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                R"("params":{"name":"sleep","arguments":{}}})",
                {{"Content-Type", "application/json"},
                 {"Accept", "application/json, text/event-stream"}});
  EXPECT_TRUE(contains(answer.body, "batch_size")) << answer.body;
  auto [done, refused] = tally(noisy);
  EXPECT_EQ(done, 4);
  EXPECT_EQ(refused, 8);
}

TEST(fairness, the_urgent_are_served_first_where_the_config_says_so) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep",
                 "queue": { "max_size": 8, "priority": true },
                 "options": { "base_ms": 100 } }]})"};
  std::vector<http_client> normal;
  for (int i = 0; i < 6; ++i)
    normal.push_back(sent(server));
  auto barrier = server.accepted();
  server.read_everything(barrier);
  EXPECT_EQ(server.post("/predict", "{}", {{"Priority", "u=0"}}).status, 200);
  // The last of the others is still waiting: it answers after this.
  EXPECT_FALSE(normal.back().readable(std::chrono::milliseconds{0}));
  for (auto& x : normal)
    EXPECT_EQ(x.read().status, 200);
}

TEST(fairness, a_client_with_as_many_as_it_may_is_told_429) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep",
                 "queue": { "fair_by": "key", "max_per_client": 2 },
                 "options": { "base_ms": 300 } }]})"};
  auto first = sent(server, {{"X-API-Key", "a"}});
  auto second = sent(server, {{"X-API-Key", "a"}});
  auto barrier = server.accepted();
  server.read_everything(barrier);
  auto third = server.post("/predict", "{}", {{"X-API-Key", "a"}});
  EXPECT_EQ(third.status, 429);
  EXPECT_GE(std::atoi(third.header("Retry-After").c_str()), 1);
  EXPECT_EQ(server.post("/predict", "{}", {{"X-API-Key", "b"}}).status, 200);
  EXPECT_EQ(first.read().status, 200);
  EXPECT_EQ(second.read().status, 200);
  EXPECT_EQ(server.post("/predict", "{}", {{"X-API-Key", "a"}}).status, 200)
    << "it has its places back";
}

TEST(fairness, an_endpoint_with_a_bound_leaves_the_others_alone) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep", "workers": 3,
                 "queue": { "max_concurrency": 1 },
                 "options": { "base_ms": 300 } }],
    "specs": [{ "type": "mcp", "queue": { "max_concurrency": 1 },
                "options": { "name": "test", "tools": [
      { "model": "sleep", "description": "Sleeps.",
        "input_schema": { "type": "object" } }]}}]})"};
  auto running = sent(server);
  auto barrier = server.accepted();
  server.read_everything(barrier);
  auto refused = server.post("/predict", "{}");
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(contains(refused.body, "as many requests")) << refused.body;
  const header_list headers{{"Content-Type", "application/json"},
                            {"Accept", "application/json, text/event-stream"}};
  constexpr auto call = R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                        R"("params":{"name":"sleep","arguments":{}}})";
  auto calling = sent(server, headers, "/mcp", call);
  server.read_everything(barrier);
  EXPECT_EQ(server.post("/mcp", call, headers).status, 503);
  EXPECT_TRUE(contains(calling.read().body, "batch_size"));
  EXPECT_EQ(running.read().status, 200);
  EXPECT_EQ(server.post("/predict", "{}").status, 200);
}

TEST(overload, tells_at_once_what_cannot_be_in_time_and_when_to_come_again) {
  served server{R"({
    "models": [{ "name": "sleep", "type": "sleep", "queue": { "max_size": 12 },
                 "options": { "base_ms": 200 } }]})"};
  std::vector<http_client> clients;
  for (int i = 0; i < 13; ++i)
    clients.push_back(sent(server));
  // It has to be known how long a request takes.
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_EQ(clients[i].read().status, 200);
  // Seven wait, 1.4 seconds of work; without limits it would be let in.
  auto late = server.post("/predict", "{}", {{"X-Request-Timeout", "0.9"}});
  EXPECT_EQ(late.status, 503) << "not 504, when the time is over";
  EXPECT_TRUE(contains(late.body, "too long")) << late.body;
  EXPECT_EQ(late.header("Retry-After"), "2");
  clients.clear();
  EXPECT_TRUE(eventually([&] {
    return server.post("/predict", "{}", {{"X-Request-Timeout", "0.9"}}).status
           == 200;
  }))
    << "it is over when the load is";
}

} // namespace troupe
