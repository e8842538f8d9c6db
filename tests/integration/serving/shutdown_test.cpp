#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

std::string options(const std::string& shutdown) {
  return R"({"server": { "shutdown": {)" + shutdown + R"(} },
             "models": [{ "name": "fault", "type": "fault" }]})";
}

/// 50 of 500 ms run and 50 wait when the signal comes.
void answers_everything(int n) {
  constexpr auto config = R"({
    "models": [{ "name": "sleep", "type": "sleep", "workers": 50,
                 "queue": { "max_size": 50 },
                 "options": { "base_ms": 500 } }]})";
  auto port = free_port();
  served server{config, {}, port};
  std::vector<http_client> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(server.accepted());
  auto idle = server.accepted();
  auto barrier = server.accepted();
  for (auto& client : clients)
    client.send(request_text("POST", "/predict", "{}"));
  server.read_everything(barrier);
  server.program.signal(n);
  EXPECT_TRUE(idle.closed()) << "nobody waits for an idle client";
  for (auto& client : clients) {
    auto answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.complete);
    EXPECT_TRUE(client.closed());
  }
  EXPECT_EQ(server.program.wait_exit(), 0);
  auto log = server.program.err();
  // The answers of the built-ins are among them.
  EXPECT_EQ(log.find("stopped: 0 finished"), std::string::npos) << log;
  EXPECT_NE(log.find(" 0 refused, 0 cancelled"), std::string::npos) << log;
  EXPECT_FALSE(server.program.left_children());
  served next{config, {}, port};
  EXPECT_EQ(next.port, port) << "can be bound at once";
  EXPECT_EQ(next.get("/health").status, 200);
}

} // namespace

TEST(shutdown, sigterm_answers_what_waits_and_what_runs) {
  answers_everything(SIGTERM);
}

TEST(shutdown, sigint_answers_what_waits_and_what_runs) {
  answers_everything(SIGINT);
}

TEST(shutdown, a_person_who_insists_ends_it_at_once) {
  served server{options("")};
  auto running = hold_worker(server, "/predict");
  auto begin = steady_clock::now();
  EXPECT_TRUE(eventually([&] {
    server.program.signal(SIGINT);
    return !server.program.alive();
  }));
  EXPECT_GE(steady_clock::now() - begin, 1s) << "one key press may bounce";
  EXPECT_EQ(server.program.wait_exit(), 128 + SIGINT);
  EXPECT_TRUE(server.program.wait_for("ending at once"));
}

TEST(shutdown, a_repeated_sigterm_cuts_nothing_off) {
  for (auto [first, second] :
       {std::pair{SIGTERM, SIGTERM}, {SIGINT, SIGTERM}, {SIGTERM, SIGINT}}) {
    served server{options("")};
    auto running = hold_worker(server, "/predict");
    server.program.signal(first);
    ASSERT_TRUE(server.program.wait_for("shutting down"));
    for (int i = 0; i < 3; ++i) {
      server.program.signal(second);
      EXPECT_TRUE(server.program.wait_for("again: still shutting down"));
    }
    EXPECT_TRUE(server.program.alive());
    running.close();
    EXPECT_EQ(server.program.wait_exit(), 0);
  }
}

TEST(shutdown, sighup_does_not_end_it) {
  served server{options("")};
  auto running = hold_worker(server, "/predict");
  server.program.signal(SIGHUP);
  EXPECT_TRUE(server.program.wait_for(" SIGHUP: "));
  EXPECT_EQ(server.get("/livez").status, 200);
  running.close();
  server.program.signal(SIGTERM);
  EXPECT_EQ(server.program.wait_exit(), 0);
}

TEST(shutdown, refuses_new_connections_while_it_drains) {
  served server{options("")};
  auto running = hold_worker(server, "/predict");
  server.program.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return !server.connect().connected(); }));
  EXPECT_TRUE(server.program.alive());
  running.close();
  EXPECT_EQ(server.program.wait_exit(), 0);
}

TEST(shutdown, cancels_what_outlives_the_drain) {
  served server{options(R"("drain_timeout_ms": 300)")};
  auto hanging = server.accepted();
  auto waiting = server.accepted();
  auto barrier = server.accepted();
  hanging.send(request_text("POST", "/predict", R"({"mode":"hang"})"));
  server.read_everything(barrier);
  waiting.send(request_text("POST", "/predict", "{}"));
  server.read_everything(barrier);
  server.program.signal(SIGTERM);
  for (auto* client : {&hanging, &waiting}) {
    auto answer = client->read();
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.has("Retry-After"));
    EXPECT_EQ(json_of(answer), (json{{"detail", "Server is shutting down"}}));
  }
  EXPECT_EQ(server.program.wait_exit(), 0);
  EXPECT_NE(server.program.err().find("2 refused"), std::string::npos)
    << server.program.err();
}

TEST(shutdown, aborts_a_stream_that_outlives_the_drain) {
  served server{options(R"("drain_timeout_ms": 100)")};
  auto client = hold_worker(server, "/predict");
  server.program.signal(SIGTERM);
  EXPECT_EQ(client.read_chunk(), "{\"detail\":\"Server is shutting down\"}\n");
  EXPECT_TRUE(client.closed()) << "no last chunk";
  EXPECT_EQ(server.program.wait_exit(), 0);
}

TEST(shutdown, ends_without_a_worker_that_never_returns) {
  served server{options(R"("drain_timeout_ms": 200)")};
  auto client = server.accepted();
  auto barrier = server.accepted();
  client.send(
    request_text("POST", "/predict", R"({"mode":"hang","forever":true})"));
  server.read_everything(barrier);
  auto begin = steady_clock::now();
  server.program.signal(SIGTERM);
  EXPECT_EQ(client.read().status, 503);
  EXPECT_EQ(server.program.wait_exit(), 0);
  EXPECT_LT(steady_clock::now() - begin, 15s);
  auto log = server.program.err();
  EXPECT_NE(log.find("abandoned"), std::string::npos) << log;
  EXPECT_NE(log.find("stopped: "), std::string::npos) << log;
}

TEST(shutdown, refuses_what_waits_if_told_so) {
  served server{options(R"("finish_queued": false)")};
  auto running = hold_worker(server, "/predict");
  auto waiting = server.accepted();
  auto barrier = server.accepted();
  waiting.send(request_text("POST", "/predict", "{}"));
  server.read_everything(barrier);
  server.program.signal(SIGTERM);
  EXPECT_EQ(waiting.read().status, 503);
  EXPECT_TRUE(server.program.alive()) << "what runs may end";
  running.close();
  EXPECT_EQ(server.program.wait_exit(), 0);
}

TEST(shutdown, comes_by_post_with_its_own_key) {
  served server{options(R"("enabled": true)"),
                {{"TROUPE_SHUTDOWN_KEY", "off"}}};
  EXPECT_EQ(server.post("/shutdown", "").status, 401);
  EXPECT_EQ(server.post("/shutdown", "", {{"X-API-Key", "of"}}).status, 401);
  EXPECT_EQ(server.get("/shutdown").status, 405);
  EXPECT_EQ(server.get("/health").status, 200) << "still here";
  auto answer = server.post("/shutdown", "", {{"Authorization", "Bearer off"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(server.program.wait_exit(), 0);
  EXPECT_TRUE(server.program.wait_for("stopped: "));
}

TEST(shutdown, is_not_to_be_had_by_post_unless_enabled) {
  served server{options(""), {{"TROUPE_SHUTDOWN_KEY", "off"}}};
  EXPECT_EQ(server.post("/shutdown", "", {{"X-API-Key", "off"}}).status, 404);
  temp_config config{options(R"("enabled": true)")};
  running_program keyless{
    troupe_command({"serve", config.path(), "--port", "0"})};
  EXPECT_EQ(keyless.wait_exit(), 2);
  EXPECT_NE(keyless.err().find("TROUPE_SHUTDOWN_KEY"), std::string::npos)
    << keyless.err();
}

} // namespace troupe
