// What a stop does with requests that were sent but not read when it came.
#include "troupe/tests/integration/served.hpp"

#include <array>
#include <cstdlib>

namespace troupe {

namespace {

using namespace std::chrono_literals;

std::string config_with(int io_threads) {
  return R"({ "server": { "io_threads": )" + std::to_string(io_threads) + R"( },
  "models": [
    { "name": "blocker", "type": "sleep", "predict": "/block",
      "execution": "inline", "options": { "base_ms": 400 } },
    { "name": "inline", "type": "square", "predict": "/inline",
      "execution": "inline", "queue": { "max_size": 1000 } },
    { "name": "dedicated", "type": "square", "predict": "/dedicated",
      "queue": { "max_size": 1000 } },
    { "name": "stream", "type": "stream", "predict": "/stream",
      "queue": { "max_size": 1000 } }],
  "specs": [{ "type": "mcp", "queue": { "max_size": 1000 }, "options": { "tools": [
    { "model": "dedicated", "description": "Squares a number.",
      "input_schema": { "type": "object" } }] } }] })";
}

/// How often each kind of traffic is stopped; `TROUPE_STOPS` says otherwise.
int stops() {
  const auto* text = std::getenv("TROUPE_STOPS");
  return text != nullptr ? std::atoi(text) : 1;
}

struct sent_request {
  const char* path;
  const char* body;
};

constexpr std::array sent_requests{
  sent_request{"/inline", R"({"input":3})"},
  sent_request{"/dedicated", R"({"input":3})"},
  sent_request{"/stream", R"({"count":2,"interval_ms":1})"},
  sent_request{"/mcp", R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                       R"("params":{"name":"dedicated",)"
                       R"("arguments":{"input":3}}})"},
};

/// The server's I/O threads are inside an inline model while these are sent, so
/// they have read none of them when the signal comes; half of the clients are
/// not even accepted.
/// @returns how many of 400 were not answered
int lost_of(const sent_request& x, int io_threads) {
  served server{config_with(io_threads)};
  constexpr int each = 200;
  std::vector<http_client> clients;
  for (int i = 0; i < each; ++i)
    clients.push_back(server.accepted());
  std::vector<http_client> blockers;
  // Connections are dealt to the threads in turn.
  for (int i = 0; i < io_threads; ++i)
    blockers.push_back(server.accepted());
  for (auto& blocker : blockers)
    blocker.send(request_text("POST", "/block", "{}"));
  for (auto& blocker : blockers)
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
  for (auto& blocker : blockers)
    EXPECT_EQ(blocker.read().status, 200);
  EXPECT_EQ(server.program.wait_exit(), 0);
  return lost;
}

class shutdown_unread : public testing::TestWithParam<sent_request> {};

} // namespace

TEST_P(shutdown_unread, loses_no_request_that_was_sent_before_the_signal) {
  for (int io_threads : {1, 2})
    for (int i = 0; i < stops(); ++i)
      EXPECT_EQ(lost_of(GetParam(), io_threads), 0)
        << GetParam().path << ' ' << io_threads << " I/O threads, stop " << i;
}

INSTANTIATE_TEST_SUITE_P(kinds, shutdown_unread,
                         testing::ValuesIn(sent_requests), [](const auto& x) {
                           return std::string{x.param.path + 1};
                         });

TEST(shutdown, serves_the_first_request_of_a_connection_that_was_made_before) {
  served server{config_with(1)};
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

TEST(shutdown, answers_all_that_a_client_has_sent_on_one_connection) {
  for (const auto& x : sent_requests) {
    served server{config_with(1)};
    auto client = server.accepted();
    auto blocker = server.accepted();
    blocker.send(request_text("POST", "/block", "{}"));
    EXPECT_FALSE(blocker.readable(50ms)) << "it is in work";
    constexpr int each = 5;
    std::string all;
    for (int i = 0; i < each; ++i)
      all += request_text("POST", x.path, x.body,
                          {{"Content-Type", "application/json"}});
    client.send(all);
    server.program.signal(SIGTERM);
    for (int i = 0; i < each; ++i) {
      auto answer = client.read();
      EXPECT_EQ(answer.status, 200) << x.path << ' ' << i;
      EXPECT_EQ(answer.closes(), i == each - 1) << x.path << ' ' << i;
    }
    EXPECT_EQ(server.program.wait_exit(), 0);
  }
}

TEST(shutdown, is_not_held_up_by_a_request_that_trickles) {
  served server{config_with(1)};
  auto client = server.accepted();
  client.send("POST /dedicated HTTP/1.1\r\nHost: t\r\n"
              "Content-Length: 100000\r\n\r\n");
  auto header = server.accepted();
  header.send("POST /dedicated HTTP/1.1\r\nHost: t\r\nX-A: ");
  auto barrier = server.accepted();
  server.read_everything(barrier);
  auto begin = std::chrono::steady_clock::now();
  server.program.signal(SIGTERM);
  // Each byte says that more is to come.
  while (client.send("x") && header.send("x") && !client.readable(100ms)
         && std::chrono::steady_clock::now() - begin < 30s) {
  }
  EXPECT_EQ(server.program.wait_exit(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 9s);
}

TEST(shutdown, does_not_wait_for_the_rest_of_a_request_for_long) {
  served server{config_with(1)};
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
