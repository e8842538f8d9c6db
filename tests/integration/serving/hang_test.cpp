#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

constexpr auto hang_please = R"({"mode":"hang","forever":true})";

std::string config_with(const std::string& hang) {
  return R"({
    "server": { "timeout_ms": 300, "shutdown": { "drain_timeout_ms": 600000 } },
    "models": [{ "name": "fault", "type": "fault", "queue": { "max_size": 8 },
                 "hang": )"
         + hang + "}]}";
}

/// Whether `/metrics` has that line.
bool counts(const served& server, const std::string& line) {
  return contains(server.get("/metrics").body, line + '\n');
}

} // namespace

TEST(hang, of_the_only_worker_is_made_good_by_another) {
  served server{config_with(R"({ "after_ms": 200 })")};
  EXPECT_EQ(server.post("/predict", hang_please).status, 504);
  EXPECT_TRUE(
    eventually([&] { return server.post("/predict", "{}").status == 200; }));
  EXPECT_TRUE(eventually([&] {
    return counts(server, "troupe_model_stuck_workers{model=\"fault\"} 1");
  }));
  EXPECT_TRUE(server.ready());
  EXPECT_EQ(count(server.program.err(), "has not come back"), 1U);
  server.program.signal(SIGTERM);
  // The one that hangs is left behind.
  EXPECT_EQ(server.program.wait_exit(), 0);
}

TEST(hang, that_is_only_reported_is_seen_by_probes) {
  served server{config_with(R"({ "after_ms": 200, "policy": "report" })")};
  EXPECT_EQ(server.post("/predict", hang_please).status, 504);
  ASSERT_TRUE(eventually([&] { return !server.ready(); }));
  EXPECT_TRUE(contains(server.get("/readyz").body, "model fault is stuck"));
  EXPECT_EQ(server.get("/health").status, 503);
  EXPECT_TRUE(counts(server, "troupe_model_ready_workers{model=\"fault\"} 0"));
  auto refused = server.post("/predict", "{}");
  EXPECT_EQ(refused.status, 503) << "at once, and not after the time limit";
  EXPECT_TRUE(contains(refused.body, "is stuck"));
}

TEST(hang, that_ends_takes_the_worker_in_again) {
  served server{config_with(R"({ "after_ms": 100, "policy": "report" })")};
  // Until it sees that it was cancelled, which is late for a sleeping one.
  auto client = server.connect();
  EXPECT_EQ(client.post("/predict", R"({"mode":"hang"})").status, 504);
  EXPECT_TRUE(
    eventually([&] { return server.post("/predict", "{}").status == 200; }));
  EXPECT_TRUE(eventually([&] { return server.ready(); }));
}

TEST(hang, past_the_cap_ends_the_program_with_1) {
  served server{config_with(R"({ "after_ms": 100, "max_replaced": 1 })")};
  EXPECT_TRUE(eventually([&] {
    static_cast<void>(server.post("/predict", hang_please));
    return !server.program.alive();
  }));
  EXPECT_EQ(server.program.wait_exit(), 1);
  EXPECT_TRUE(contains(server.program.err(), "was given up"));
}

TEST(hang, of_an_inline_model_holds_the_end_for_a_few_seconds) {
  served server{R"({
    "server": { "shutdown": { "drain_timeout_ms": 500 } },
    "models": [{ "name": "stuck", "type": "sleep", "execution": "inline" }]})"};
  auto stuck = server.accepted();
  auto behind = server.accepted();
  stuck.send(request_text("POST", "/predict", R"({"base_ms":120000})"));
  EXPECT_FALSE(stuck.readable(std::chrono::milliseconds{100}));
  behind.send(request_text("POST", "/predict", "{}"));
  auto begin = std::chrono::steady_clock::now();
  server.program.signal(SIGTERM);
  EXPECT_EQ(server.program.wait_exit(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{8});
  EXPECT_TRUE(contains(server.program.err(),
                       "model stuck: a worker did not return; abandoned"));
  EXPECT_EQ(stuck.read().status, 503);
  EXPECT_EQ(behind.read().status, 503);
}

TEST(hang, holds_no_drain) {
  served server{config_with(R"({ "after_ms": false })")};
  EXPECT_EQ(server.post("/predict", hang_please).status, 504);
  // The drain's own bound is longer than the test waits.
  server.program.signal(SIGTERM);
  EXPECT_EQ(server.program.wait_exit(), 0);
}

} // namespace troupe
