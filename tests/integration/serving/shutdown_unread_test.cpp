// What a stop does with requests that were sent but not read when it came.
#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

using namespace std::chrono_literals;

constexpr auto config = R"({
  "models": [
    { "name": "blocker", "type": "sleep", "predict": "/block",
      "execution": "inline", "options": { "base_ms": 400 } },
    { "name": "inline", "type": "square", "predict": "/inline",
      "execution": "inline" },
    { "name": "dedicated", "type": "square", "predict": "/dedicated" },
    { "name": "stream", "type": "stream", "predict": "/stream" }],
  "specs": [{ "type": "mcp", "options": { "tools": [
    { "model": "dedicated", "description": "Squares a number.",
      "input_schema": { "type": "object" } }] } }] })";

struct sent_request {
  const char* path;
  const char* body;
};

/// The server's only I/O thread is inside an inline model while these are sent,
/// so it has read none of them when the signal comes; half of the clients are
/// not even accepted.
void loses_nothing(const sent_request& x) {
  served server{config};
  constexpr int each = 60;
  std::vector<http_client> clients;
  for (int i = 0; i < each; ++i)
    clients.push_back(server.accepted());
  auto blocker = server.accepted();
  blocker.send(request_text("POST", "/block", "{}"));
  EXPECT_FALSE(blocker.readable(50ms)) << "it is in work";
  for (int i = 0; i < each; ++i)
    clients.push_back(server.connect());
  for (auto& client : clients)
    client.send(request_text("POST", x.path, x.body,
                             {{"Content-Type", "application/json"}}));
  server.program.signal(SIGTERM);
  int lost = 0;
  for (auto& client : clients)
    lost += client.read().status == 200 ? 0 : 1;
  EXPECT_EQ(lost, 0) << x.path;
  EXPECT_EQ(blocker.read().status, 200);
  EXPECT_EQ(server.program.wait_exit(), 0);
}

} // namespace

TEST(shutdown, loses_no_request_that_was_sent_before_the_signal) {
  for (const auto& x : {
         sent_request{"/inline", R"({"input":3})"},
         sent_request{"/dedicated", R"({"input":3})"},
         sent_request{"/stream", R"({"count":2,"interval_ms":1})"},
         sent_request{"/mcp",
                      R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                      R"("params":{"name":"dedicated",)"
                      R"("arguments":{"input":3}}})"},
       })
    loses_nothing(x);
}

TEST(shutdown, serves_the_first_request_of_a_connection_that_was_made_before) {
  served server{config};
  auto client = server.connect();
  // Accepted by now: the server has answered one that came later.
  EXPECT_EQ(server.get("/livez").status, 200);
  auto holder = server.accepted();
  holder.send(request_text("POST", "/block", "{}"));
  EXPECT_FALSE(holder.readable(50ms));
  server.program.signal(SIGTERM);
  client.send(request_text("POST", "/dedicated", R"({"input":3})"));
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(holder.read().status, 200);
  EXPECT_EQ(server.program.wait_exit(), 0);
}

TEST(shutdown, does_not_wait_for_the_rest_of_a_request_for_long) {
  served server{config};
  auto header = server.accepted();
  header.send("POST /dedicated HTTP/1.1\r\nHost: t\r\n");
  auto body = server.accepted();
  body.send(
    "POST /dedicated HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n{");
  auto barrier = server.accepted();
  server.read_everything(barrier);
  auto begin = std::chrono::steady_clock::now();
  server.program.signal(SIGTERM);
  EXPECT_EQ(server.program.wait_exit(), 0);
  // Alone, the two would have 10 and 30 seconds.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 9s);
}

} // namespace troupe
