// What one client may take from the others, in the whole program.
#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

/// The value of a metric without labels.
double metric(const served& server, const std::string& name) {
  auto text = '\n' + server.get("/metrics").body;
  auto i = text.find('\n' + name + ' ');
  return i == std::string::npos ? -1
                                : std::stod(text.substr(i + name.size() + 2));
}

std::string head_of(std::string_view method, std::string_view path,
                    std::size_t length) {
  return std::string{method}.append(" ").append(path)
         + " HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
           "Content-Length: "
         + std::to_string(length) + "\r\n\r\n";
}

} // namespace

TEST(limits, keep_bodies_of_all_requests_within_a_budget) {
  served server{R"({
    "server": { "memory_budget_bytes": 3000000 },
    "models": [{ "name": "echo", "type": "echo" }]})"};
  EXPECT_EQ(metric(server, "troupe_request_body_bytes"), 0);
  std::vector<http_client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.connect());
    clients.back().send(head_of("POST", "/predict", 1'000'000)
                        + std::string(900'000, ' '));
  }
  EXPECT_TRUE(eventually(
    [&] { return metric(server, "troupe_request_body_bytes") == 2'700'000; }));
  auto refused = server.connect();
  refused.send(head_of("POST", "/predict", 1'000'000)
               + std::string(400'000, ' '));
  auto answer = refused.read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(server.post("/predict", R"({"input":1})").status, 200)
    << "there is room for small ones";
  for (auto& c : clients) {
    std::string body(100'000 - 11, ' ');
    body.append(R"({"input":1})");
    c.send(body);
    EXPECT_EQ(c.read().status, 200);
  }
  EXPECT_TRUE(eventually(
    [&] { return metric(server, "troupe_request_body_bytes") == 0; }));
}

TEST(limits, keep_no_bodies_of_built_in_endpoints) {
  served server{R"({
    "models": [{ "name": "echo", "type": "echo" }]})"};
  // More than is thrown away is refused before it comes.
  auto large = server.connect();
  large.send(head_of("GET", "/health", 67'108'864));
  EXPECT_EQ(large.read().status, 413);
  EXPECT_TRUE(large.closed());
  auto small = server.connect();
  small.send(head_of("GET", "/health", 60'000) + std::string(59'000, 'x'));
  EXPECT_EQ(metric(server, "troupe_request_body_bytes"), 0);
  small.send(std::string(1'000, 'x'));
  EXPECT_EQ(small.read().status, 200);
}

TEST(limits, leave_no_address_all_connections) {
  served server{R"({
    "server": { "limits": { "max_connections_per_address": 4 } },
    "models": [{ "name": "echo", "type": "echo" }]})"};
  std::vector<http_client> clients;
  auto full = [&] {
    clients.clear();
    for (int i = 0; i < 4; ++i) {
      clients.push_back(server.connect());
      if (clients.back().post("/predict", R"({"input":1})").status != 200)
        return false;
    }
    return true;
  };
  ASSERT_TRUE(eventually(full));
  auto refused = server.post("/predict", R"({"input":1})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Connection"), "close");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(server.get("/readyz").status, 200) << "probes have a reserve";
}

TEST(limits, announce_the_end_of_connections_during_grace) {
  served server{R"({
    "server": { "shutdown": { "grace_ms": 20000, "drain_timeout_ms": 1000 } },
    "models": [{ "name": "echo", "type": "echo" }]})"};
  auto client = server.connect();
  EXPECT_NE(client.get("/livez").header("Connection"), "close");
  server.program.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return !server.ready(); }));
  auto answer = client.post("/predict", R"({"input":1})");
  EXPECT_EQ(answer.status, 200) << "it is still served";
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.closed());
}

} // namespace troupe
