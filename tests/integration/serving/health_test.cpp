#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/integration/serving/children.hpp"

#include <chrono>
#include <csignal>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using health_clock = std::chrono::steady_clock;

/// Health must be true so soon after the cause.
constexpr auto promised = 100ms;

/// Of several tries: a busy machine may be late by itself.
constexpr int tries = 5;

/// Returns how long it takes from now until the model's health is not 200.
health_clock::duration until_bad(const served& server, http_client& probe) {
  const auto begin = health_clock::now();
  EXPECT_TRUE(
    eventually([&] { return probe.get("/health/fault").status == 503; }));
  EXPECT_FALSE(server.ready());
  return health_clock::now() - begin;
}

} // namespace

TEST(health, of_each_model_has_a_path_and_a_reason) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "required": false,
                 "restart": { "max_restarts": 0, "revive_after_ms": 0 } },
               { "name": "square", "type": "square", "predict": "/sq" }]})"};
  EXPECT_EQ(server.get("/health/square").body, "ok");
  // The server does not wait for an optional model.
  ASSERT_TRUE(
    eventually([&] { return server.get("/health/fault").status == 200; }));
  EXPECT_EQ(server.get("/health/nobody").status, 404);
  EXPECT_EQ(server.post("/predict", R"({"mode":"exit"})").status, 500);
  ASSERT_TRUE(
    eventually([&] { return server.get("/health/fault").status == 503; }));
  ASSERT_TRUE(eventually([&] {
    return server.get("/health/fault").body
           == "model fault is failed: its workers died too often\n";
  }));
  const auto full =
    json_of(server.get("/health/fault", {{"Accept", "application/json"}}));
  EXPECT_EQ(full["name"], "fault");
  EXPECT_EQ(full["status"], "not ready");
  EXPECT_EQ(full["phase"], "failed");
  EXPECT_EQ(full["reason"], "its workers died too often");
  EXPECT_EQ(server.get("/health/square").status, 200);
  EXPECT_EQ(server.get("/health").status, 200) << "it is not required";
}

TEST(health, knows_of_a_dead_worker_at_once) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault",
                 "restart": { "initial_backoff_ms": 300, "max_backoff_ms": 300,
                              "max_restarts": 100 } }]})"};
  auto probe = server.connect();
  auto best = health_clock::duration::max();
  for (int i = 0; i < tries && best > promised; ++i) {
    ASSERT_TRUE(eventually([&] { return server.ready(); }));
    EXPECT_EQ(
      server
        .post("/predict", R"({"mode":"exit","n":)" + std::to_string(i) + '}')
        .status,
      500);
    best = std::min(best, until_bad(server, probe));
  }
  EXPECT_LE(best, promised);
}

TEST(health, knows_of_a_process_that_was_killed_while_it_was_idle) {
  served server{R"({
    "models": [{ "name": "fault", "type": "fault", "execution": "process",
                 "restart": { "initial_backoff_ms": 300, "max_backoff_ms": 300,
                              "max_restarts": 100 } }]})"};
  auto probe = server.connect();
  auto best = health_clock::duration::max();
  for (int i = 0; i < tries && best > promised; ++i) {
    ASSERT_TRUE(eventually([&] { return server.ready(); }));
    const auto workers = children_of(server.program.pid());
    ASSERT_EQ(workers.size(), 1U);
    ASSERT_EQ(::kill(workers.front(), SIGKILL), 0);
    best = std::min(best, until_bad(server, probe));
  }
  EXPECT_LE(best, promised);
}

TEST(health, knows_of_a_hang_as_soon_as_it_is_one) {
  const auto after = 400ms;
  auto best = health_clock::duration::max();
  for (int i = 0; i < 3 && best > after + promised; ++i) {
    served server{R"({
      "server": { "timeout_ms": 200, "shutdown": { "drain_timeout_ms": 0 } },
      "models": [{ "name": "fault", "type": "fault",
                   "hang": { "after_ms": 400, "policy": "report" } }]})"};
    auto probe = server.connect();
    // Its answer ends the last request of the call.
    EXPECT_EQ(
      server.post("/predict", R"({"mode":"hang","forever":true})").status, 504);
    best = std::min(best, until_bad(server, probe));
  }
  EXPECT_LE(best, after + promised);
  EXPECT_GE(best, after / 2);
}

TEST(health, knows_of_the_end_before_the_drain) {
  served server{R"({
    "server": { "shutdown": { "grace_ms": 3000 } },
    "models": [{ "name": "fault", "type": "fault" }]})"};
  auto probe = server.accepted();
  server.program.signal(SIGTERM);
  const auto begin = health_clock::now();
  http_response answer;
  EXPECT_TRUE(eventually([&] {
    answer = server.get("/health/fault");
    return answer.status == 503;
  }));
  EXPECT_LE(health_clock::now() - begin, 5 * promised);
  EXPECT_EQ(answer.body, "server is draining\n");
}

} // namespace troupe
