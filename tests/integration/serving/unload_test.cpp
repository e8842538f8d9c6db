// Models that are unloaded when nobody asks them, and loaded by the next
// request.
#include "troupe/tests/integration/reloading.hpp"
#include "troupe/tests/integration/serving/children.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace troupe {

namespace {

json health_of_m(const reloading& server) {
  return json_of(http_client{server.port}.get(
    "/health/m", {{"Accept", "application/json"}}));
}

bool is_in(const reloading& server, std::string_view phase) {
  return health_of_m(server)["phase"] == phase;
}

bool is_unloaded(const reloading& server) {
  return eventually([&] { return is_in(server, "unloaded"); });
}

http_response ask_m(const reloading& server, const std::string& body = "{}") {
  return http_client{server.port}.post("/m", body);
}

std::string model_m(const std::string& more, const std::string& type = "echo") {
  std::string result{R"({"name": "m", "predict": "/m", "type": ")"};
  result.append(type).append("\"");
  if (!more.empty())
    result.append(", ").append(more);
  return result.append("}");
}

constexpr auto brief = R"("keep_alive_ms": 60)";

/// A Python model whose `setup` lasts until a file is there, and fails when it
/// says so.
constexpr auto slow_model = R"(
import os, time
gate = os.path.join(os.path.dirname(__file__), "gate")

class Model:
    def setup(self, device):
        while not os.path.exists(gate):
            time.sleep(0.005)
        if open(gate).read() == "fail":
            raise RuntimeError("no memory")

    def predict(self, x):
        return x
)";

/// A server with that model, which nobody has asked yet.
class slow_server {
public:
  explicit slow_server(const std::string& more)
    : server(admin_config(
      model_m(R"("path": ")" + folder_.write("slow.py", slow_model).string()
                + R"(", "load": "first_request", )" + more,
              "python"))) {
    // nop
  }

  /// Lets `setup` go on.
  void open(std::string_view how = "ok") const {
    std::filesystem::rename(folder_.write("next", how),
                            folder_.path() / "gate");
  }

private:
  temp_dir folder_;

public:
  reloading server;
};

/// Asks and keeps the answer for later.
class waiting_request {
public:
  explicit waiting_request(const reloading& server,
                           const header_list& headers = {})
    : client_(server.port) {
    client_.send(request_text("POST", "/m", R"({"x": 1})", headers));
  }

  http_response answer() {
    return client_.read();
  }

private:
  http_client client_;
};

} // namespace

TEST(unloading, gives_the_workers_back_and_is_no_failure) {
  for (const auto* execution : {"dedicated", "process"}) {
    reloading server{admin_config(
      model_m(std::string{R"("execution": ")"}.append(execution).append("\", ")
              + brief))};
    ASSERT_TRUE(is_unloaded(server)) << execution;
    EXPECT_TRUE(
      eventually([&] { return children_of(server.program.pid()).empty(); }));
    const auto ready = server.get("/readyz");
    EXPECT_EQ(ready.status, 200);
    EXPECT_TRUE(contains(ready.body, "model m is unloaded: it had no request "
                                     "for 60 ms; the next one loads it"))
      << ready.body;
    const auto health = server.get("/health/m");
    EXPECT_EQ(health.status, 200);
    EXPECT_TRUE(contains(health.body, "is unloaded")) << health.body;
    EXPECT_EQ(health_of_m(server)["status"], "ready");
    const auto metrics = server.get("/metrics").body;
    EXPECT_TRUE(contains(metrics, "troupe_model_unloaded{model=\"m\"} 1"));
    EXPECT_TRUE(contains(metrics, "troupe_model_ready_workers{model=\"m\"} 0"));
    auto model = json_of(server.get("/admin/models/m"));
    EXPECT_EQ(model["state"]["phase"], "unloaded");
    EXPECT_EQ(model["options"]["keep_alive_ms"], 60);
    const auto topology = json_of(server.get("/admin/topology"));
    EXPECT_EQ(topology["models"][0]["phase"], "unloaded") << topology;
    const auto answer = ask_m(server, R"({"x": 1})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json_of(answer), json({{"x", 1}}));
    EXPECT_EQ(health_of_m(server)["restarts"], 0);
    EXPECT_TRUE(is_unloaded(server));
    server.program.signal(SIGTERM);
    EXPECT_EQ(server.program.wait_exit(), 0) << server.program.err();
  }
}

TEST(unloading, loses_no_request_in_50_cycles) {
  for (const auto* execution : {"dedicated", "process"}) {
    reloading server{admin_config(
      model_m(std::string{R"("workers": {"min": 1, "max": 3}, "execution": ")"}
                .append(execution)
                .append("\", \"keep_alive_ms\": 10")))};
    const auto cycles = [&] {
      return count(server.program.err(), "model m is unloaded");
    };
    std::atomic<int> good{0};
    std::atomic<int> bad{0};
    std::atomic<bool> end{false};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i)
      clients.emplace_back([&, i] {
        while (!end) {
          // Some come when its workers have just been told to go, some at any
          // time.
          if (i % 2 == 0)
            eventually([&] { return end || is_in(server, "unloaded"); });
          for (int k = 0; k < 5; ++k)
            ++(ask_m(server).status == 200 ? good : bad);
          eventually([&] { return end || !is_in(server, "ready"); },
                     std::chrono::milliseconds{15});
        }
      });
    EXPECT_TRUE(eventually([&] { return cycles() >= 50 || bad > 0; },
                           std::chrono::milliseconds{60'000}))
      << cycles();
    end = true;
    for (auto& x : clients)
      x.join();
    EXPECT_EQ(bad, 0) << execution << '\n' << server.program.err();
    EXPECT_GE(good, 50);
    EXPECT_EQ(health_of_m(server)["restarts"], 0);
  }
}

TEST(unloading, lets_first_requests_wait_within_their_bounds) {
  slow_server x{R"("queue": {"max_size": 2})"};
  auto first = std::make_unique<waiting_request>(x.server);
  EXPECT_TRUE(eventually([&] { return is_in(x.server, "loading"); }));
  EXPECT_EQ(x.server.get("/readyz").status, 200);
  waiting_request hurried{x.server, {{"X-Request-Timeout", "0.05"}}};
  EXPECT_EQ(hurried.answer().status, 504);
  // One for the worker, and two that wait.
  waiting_request second{x.server};
  waiting_request third{x.server};
  auto pending = [&](int n) {
    return eventually([&] {
      return json_of(x.server.get("/admin/models/m"))["state"]["pending"] == n;
    });
  };
  EXPECT_TRUE(pending(3));
  EXPECT_EQ(ask_m(x.server).status, 503) << "the queue is full";
  first.reset();
  EXPECT_TRUE(pending(2)) << "its client has left";
  waiting_request fourth{x.server};
  EXPECT_TRUE(pending(3));
  x.open();
  for (auto* waits : {&second, &third, &fourth})
    EXPECT_EQ(waits->answer().status, 200);
  EXPECT_EQ(count(x.server.program.err(), "model m is loaded"), 1U);
}

TEST(unloading, tells_what_waits_when_the_model_cannot_be_loaded) {
  slow_server x{R"("restart": {"max_restarts": 100, "initial_backoff_ms": 10,
                               "max_backoff_ms": 20})"};
  waiting_request first{x.server};
  EXPECT_TRUE(eventually([&] { return is_in(x.server, "loading"); }));
  x.open("fail");
  const auto answer = first.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(contains(answer.body, "a worker could not be set up"))
    << answer.body;
  EXPECT_EQ(x.server.get("/readyz").status, 503);
  x.open();
  EXPECT_TRUE(eventually([&] { return ask_m(x.server).status == 200; }));
  EXPECT_EQ(x.server.get("/readyz").status, 200);
}

TEST(unloading, stops_while_a_model_is_loading) {
  slow_server x{R"("timeout_ms": false)"};
  waiting_request first{x.server};
  EXPECT_TRUE(eventually([&] { return is_in(x.server, "loading"); }));
  x.server.program.signal(SIGTERM);
  x.open();
  EXPECT_EQ(first.answer().status, 200) << "it came before the end";
  EXPECT_EQ(x.server.program.wait_exit(), 0) << x.server.program.err();
}

TEST(unloading, goes_with_changes_of_the_model) {
  reloading server{admin_config(model_m(brief))};
  ASSERT_TRUE(is_unloaded(server));
  auto answer = server.admin("PATCH", "/admin/models/m", R"({"workers": 2})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(is_unloaded(server)) << "that alone loads nothing";
  EXPECT_EQ(ask_m(server).status, 200);
  ASSERT_TRUE(is_unloaded(server));
  answer = server.reload(
    admin_config(model_m(R"("keep_alive_ms": 60, "idempotent": true)")));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(ask_m(server).status, 200);
  ASSERT_TRUE(is_unloaded(server));
  answer = server.admin("PUT", "/admin/models/m", model_m(brief));
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(is_unloaded(server));
  answer = server.admin("POST", "/admin/models/m/revive", "{}");
  EXPECT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(is_unloaded(server));
  answer = server.admin("DELETE", "/admin/models/m");
  EXPECT_LT(answer.status, 300) << answer.body;
  EXPECT_EQ(ask_m(server).status, 404);
}

TEST(unloading, is_ended_by_whoever_asks_the_model) {
  reloading server{admin_config(
    model_m(
      R"("keep_alive_ms": 60, "cache": {"max_bytes": 100000, "ttl_ms": false})")
    + R"(, {"name": "chain", "type": "pipeline", "predict": "/chain",
            "options": {"steps": [{"model": "m"}]}})")};
  EXPECT_EQ(ask_m(server, R"({"x": 1})").status, 200);
  ASSERT_TRUE(is_unloaded(server));
  EXPECT_EQ(ask_m(server, R"({"x": 1})").status, 200);
  EXPECT_TRUE(is_in(server, "unloaded")) << "the cache has the answer";
  EXPECT_EQ(http_client{server.port}.post("/chain", R"({"x": 2})").status, 200);
  // Lines are written a moment later.
  EXPECT_TRUE(server.program.wait_for("model m is loaded"));
  EXPECT_EQ(count(server.program.err(), "model m is loaded"), 1U);
}

} // namespace troupe
