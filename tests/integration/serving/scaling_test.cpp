// The number of workers of a model, while clients are served.
#include "troupe/tests/integration/served.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace troupe {

namespace {

const header_list with_admin{{"X-API-Key", "admin-key"},
                             {"Content-Type", "application/json"}};

const running_program::environment admin_env{{"TROUPE_ADMIN_KEY", "admin-key"}};

/// What `GET /admin/models/m` says of the workers.
class worker_counts {
public:
  explicit worker_counts(const served& of) : of_(&of) {
    // nop
  }

  [[nodiscard]] json state() const {
    return json_of(of_->get("/admin/models/m", with_admin))["state"];
  }

  [[nodiscard]] bool reaches(std::size_t n) const {
    return eventually([&] {
      auto x = state();
      return x["workers"] == n && x["ready_workers"] == n;
    });
  }

private:
  const served* of_;
};

http_response patch(const served& of, const std::string& body) {
  auto client = of.connect();
  client.send(request_text("PATCH", "/admin/models/m", body, with_admin));
  return client.read();
}

/// Clients that ask again and again, each on a connection of its own.
class steady_load {
public:
  steady_load(const served& of, int clients) {
    for (int i = 0; i < clients; ++i)
      threads_.emplace_back([this, &of] {
        auto client = of.connect();
        while (!stop_) {
          if (client.post("/predict", "{}").status == 200)
            ++good;
          else
            ++bad;
        }
      });
  }

  ~steady_load() {
    end();
  }

  void end() {
    stop_ = true;
    for (auto& x : threads_)
      if (x.joinable())
        x.join();
  }

  std::atomic<int> good{0};
  std::atomic<int> bad{0};

private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

} // namespace

TEST(scaling, follows_the_load_and_fails_nobody) {
  served server{R"({
    "server": { "admin": { "enabled": true } },
    "models": [{ "name": "m", "type": "sleep", "options": { "base_ms": 20 },
                 "workers": { "min": 1, "max": 8, "grow_after_ms": 100,
                              "shrink_after_ms": 500 } }]})",
                admin_env};
  const worker_counts counts{server};
  EXPECT_EQ(counts.state()["workers"], 1);
  steady_load load{server, 16};
  EXPECT_TRUE(counts.reaches(8)) << counts.state();
  EXPECT_EQ(load.bad, 0);
  load.end();
  {
    // One client keeps one worker busy, and 0.7 of two.
    steady_load less{server, 1};
    EXPECT_TRUE(counts.reaches(2)) << counts.state();
    less.end();
    EXPECT_EQ(less.bad, 0);
  }
  EXPECT_TRUE(counts.reaches(1)) << "with nothing to do";
  EXPECT_GT(load.good, 0);
  EXPECT_EQ(load.bad, 0);
  const auto health = json_of(
    server.get("/health", {{"Accept", "application/json"}}))["models"][0];
  EXPECT_EQ(health["scaling"]["max"], 8);
  EXPECT_TRUE(contains(health["scaling"]["reason"].get<std::string>(),
                       "they had little to do"))
    << health;
  EXPECT_EQ(health["restarts"], 0);
}

TEST(scaling, is_set_by_hand_under_load) {
  for (const auto* execution : {"dedicated", "process"}) {
    served server{R"({
      "server": { "admin": { "enabled": true } },
      "models": [{ "name": "m", "type": "sleep", "options": { "base_ms": 5 },
                   "execution": ")"
                    + std::string{execution} + R"(" }]})",
                  admin_env};
    const worker_counts counts{server};
    steady_load load{server, 12};
    for (auto n : {8, 2, 4, 1}) {
      auto answer = patch(server, R"({"workers": )" + std::to_string(n) + '}');
      EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_EQ(json_of(answer)["options"]["workers"], n);
      EXPECT_TRUE(counts.reaches(static_cast<std::size_t>(n)))
        << execution << ' ' << counts.state();
    }
    const auto seen = load.good.load();
    EXPECT_TRUE(eventually([&] { return load.good > seen + 20; }));
    load.end();
    EXPECT_EQ(load.bad, 0) << execution;
  }
}

TEST(scaling, refuses_what_cannot_be) {
  served server{R"({
    "server": { "admin": { "enabled": true } },
    "models": [{ "name": "m", "type": "square", "execution": "inline" }]})",
                admin_env};
  for (const auto* body :
       {R"({"workers": 0})", R"({"workers": -1})", R"({"workers": 1025})",
        R"({"workers": "4"})", R"({"workers": {"min": 2}})",
        R"({"workers": {"min": 3, "max": 2}})",
        R"({"workers": {"min": 1, "max": 2, "most": 3}})",
        R"({"workers": {"min": 1, "max": 4}})"})
    EXPECT_EQ(patch(server, body).status, 422) << body;
  EXPECT_TRUE(
    contains(patch(server, R"({"workers": {"min": 1, "max": 4}})").body,
             "an inline model"));
  EXPECT_EQ(patch(server, R"({"workers": 2})").status, 422);
}

TEST(scaling, revives_a_model_that_was_given_up) {
  served server{R"({
    "server": { "admin": { "enabled": true } },
    "models": [{ "name": "m", "type": "fault",
                 "restart": { "max_restarts": 0, "revive_after_ms": false },
                 "supervision": { "escalation": "server-not-ready" } }]})",
                admin_env};
  auto revive = [&] {
    return server.post("/admin/models/m/revive", "{}", with_admin);
  };
  EXPECT_EQ(revive().status, 409) << "there is nothing to revive";
  EXPECT_EQ(server.post("/predict", R"({"mode":"exit"})").status, 500);
  EXPECT_TRUE(eventually([&] { return !server.ready(); }));
  EXPECT_EQ(server.post("/predict", "{}").status, 503);
  EXPECT_TRUE(server.program.alive());
  EXPECT_EQ(revive().status, 200);
  EXPECT_TRUE(eventually([&] { return server.ready(); }));
  EXPECT_EQ(server.post("/predict", "{}").status, 200);
  EXPECT_EQ(server.post("/admin/models/n/revive", "{}", with_admin).status,
            404);
}

} // namespace troupe
