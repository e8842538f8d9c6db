// What hooks log and what they say of their health, in a server of our own
// process.
#include "troupe/tests/integration/library.hpp"

#include <atomic>
#include <stdexcept>
#include <string>

namespace troupe {

namespace {

struct talker {
  double predict(double x, context& ctx) {
    ctx.log("x", x);
    return x;
  }
};

class collector : public value_logger {
public:
  void process(std::string_view model, std::string_view key,
               const json& value) override {
    std::unique_lock guard{mutex_};
    text_.append(model).append(".").append(key).append("=");
    text_.append(value.dump()).append(" ");
  }

  [[nodiscard]] std::string text() const {
    std::unique_lock guard{mutex_};
    return text_;
  }

private:
  mutable std::mutex mutex_;
  std::string text_;
};

TEST(loggers, get_what_hooks_log_and_metrics_show_it) {
  auto collected = std::make_shared<collector>();
  quiet_server server;
  server.add_logger(collected);
  server.add<talker>(named("m"));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/predict", "3").body, "3.0");
  EXPECT_EQ(server.post_to("/predict", "4.5").body, "4.5");
  EXPECT_TRUE(
    eventually([&] { return collected->text() == "m.x=3.0 m.x=4.5 "; }))
    << collected->text();
  auto metrics = server.fetch("/metrics");
  EXPECT_EQ(metrics.header("Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8");
  for (auto* line : {"\ntroupe_logged_value_added{model=\"m\",key=\"x\"} 7.5\n",
                     "\ntroupe_requests_active 0\n",
                     "\ntroupe_model_ready_workers{model=\"m\"} 1\n"})
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line;
}

struct moody {
  explicit moody(std::atomic<int>* x) : mood(x) {
    // nop
  }

  double predict(double x) {
    return x;
  }

  bool health() {
    if (*mood == 2)
      throw std::runtime_error("no idea");
    return *mood == 0;
  }

  std::atomic<int>* mood;
};

TEST(health, asks_the_model_and_recovers) {
  std::atomic<int> mood{0};
  auto options = named("m");
  options.restart.health_interval = std::chrono::milliseconds{5};
  quiet_server server;
  server.add<moody>(options, &mood);
  ASSERT_TRUE(server.starts());
  auto becomes = [&](int status) {
    return eventually([&] { return server.fetch("/health").status == status; });
  };
  EXPECT_EQ(server.fetch("/health").body, "ok");
  for (int bad : {1, 2}) {
    mood = bad;
    EXPECT_TRUE(becomes(503)) << bad;
    EXPECT_EQ(server.fetch("/readyz").body, "model m is unhealthy\n");
    EXPECT_EQ(server.post_to("/predict", "3").status, 200);
    mood = 0;
    EXPECT_TRUE(becomes(200)) << bad;
  }
}

} // namespace

} // namespace troupe
