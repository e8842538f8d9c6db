#include "troupe/tests/integration/library.hpp"

#include <atomic>
#include <mutex>

namespace troupe {

namespace {

/// Dies the first `times` it is asked.
struct mortal {
  explicit mortal(std::shared_ptr<std::atomic<int>> n) : times(std::move(n)) {
    // nop
  }

  int predict(int x) {
    if (times->fetch_sub(1) > 0)
      throw worker_fatal("the device is gone");
    return x;
  }

  std::shared_ptr<std::atomic<int>> times;
};

/// Loads only when the test lets it.
struct slow_to_load {
  explicit slow_to_load(std::shared_ptr<gate> g) : entry(std::move(g)) {
    // nop
  }

  void setup() {
    entry->pass();
  }

  int predict(int x) {
    return x;
  }

  std::shared_ptr<gate> entry;
};

struct unloadable {
  void setup() {
    throw std::runtime_error("no such device");
  }

  int predict(int x) {
    return x;
  }
};

/// What `on_failure` was told.
class failures {
public:
  void operator()(const std::string& text) {
    std::unique_lock guard{mutex_};
    texts_.push_back(text);
  }

  std::vector<std::string> texts() {
    std::unique_lock guard{mutex_};
    return texts_;
  }

private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

model_options mortal_options() {
  auto result = named("mortal");
  result.restart.initial_backoff = std::chrono::milliseconds{1};
  result.restart.max_backoff = std::chrono::milliseconds{1};
  return result;
}

} // namespace

TEST(failure, of_a_worker_is_made_good_by_another_for_idempotent_requests) {
  auto times = std::make_shared<std::atomic<int>>(1);
  quiet_server server;
  auto options = mortal_options();
  options.idempotent = true;
  options.workers = 2;
  server.add<mortal>(options, times);
  ASSERT_TRUE(server.starts());
  auto answer = server.post_to("/predict", "7");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "7");
  EXPECT_EQ(*times, -1) << "asked twice";
}

TEST(failure, for_good_is_told_once_and_seen_by_probes) {
  auto times = std::make_shared<std::atomic<int>>(1'000'000);
  auto told = std::make_shared<failures>();
  quiet_server server;
  server.on_failure([told](const std::string& text) { (*told)(text); });
  auto options = mortal_options();
  options.restart.max_restarts = 2;
  server.add<mortal>(options, times);
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(client.get("/health").status, 200);
  // Another input each time: deaths of one count once.
  int n = 0;
  ASSERT_TRUE(eventually([&] {
    return client.post("/predict", std::to_string(++n)).status != 0
           && !told->texts().empty();
  }));
  auto health = client.get("/health");
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.body, "not ready");
  auto ready = client.get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("mortal is failed"), std::string::npos)
    << ready.body;
  EXPECT_EQ(client.get("/livez").status, 200);
  auto refused = client.post("/predict", "7");
  EXPECT_EQ(refused.status, 503);
  EXPECT_FALSE(server.wait_ready(std::chrono::seconds{30}));
  server.stop();
  ASSERT_EQ(told->texts().size(), 1U);
  EXPECT_NE(told->texts()[0].find("mortal"), std::string::npos);
}

TEST(failure, of_setup_makes_run_return_1) {
  auto told = std::make_shared<failures>();
  quiet_server server;
  server.on_failure([told](const std::string& text) { (*told)(text); });
  auto options = named("unloadable");
  options.restart.max_restarts = 0;
  server.add<unloadable>(options);
  EXPECT_EQ(server.run(), 1);
  ASSERT_EQ(told->texts().size(), 1U);
  EXPECT_NE(told->texts()[0].find("no such device"), std::string::npos)
    << told->texts()[0];
}

TEST(loading, lets_the_port_listen_and_predict_wait_outside) {
  auto entry = std::make_shared<gate>();
  quiet_server server;
  server.add<slow_to_load>(named("slow"), entry);
  server.add<square>(named("sq", "/sq"));
  server.start();
  EXPECT_TRUE(entry->reached(1));
  EXPECT_FALSE(server.wait_ready(std::chrono::milliseconds{1}));
  EXPECT_EQ(server.fetch("/livez").status, 200);
  EXPECT_EQ(server.fetch("/health").status, 503);
  EXPECT_EQ(server.fetch("/startupz").status, 503);
  auto ready = server.fetch("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("slow is loading"), std::string::npos);
  auto refused = server.post_to("/predict", "7");
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Retry-After"));
  EXPECT_TRUE(
    eventually([&] { return server.post_to("/sq", "3").status == 200; }))
    << "a model that is ready need not wait";
  entry->open();
  EXPECT_TRUE(server.wait_ready());
  EXPECT_EQ(server.fetch("/health").status, 200);
  EXPECT_EQ(server.fetch("/startupz").status, 200);
  EXPECT_EQ(server.post_to("/predict", "7").body, "7");
}

TEST(start, is_refused_with_a_reason) {
  quiet_server first;
  first.add<square>(named("sq"));
  first.start();
  EXPECT_THROW(first.start(), start_error) << "runs already";
  auto options = test_options();
  options.port = first.port();
  quiet_server second{options};
  second.add<square>(named("sq"));
  EXPECT_THROW(second.start(), start_error) << "the port is taken";
  EXPECT_THROW(second.add<square>(named("sq", "/other")), start_error)
    << "names are unique";
  auto batched = named("batched");
  batched.batch.max_size = 2;
  quiet_server third;
  EXPECT_THROW(third.add<square>(batched), start_error)
    << "predict takes no batch";
  auto secret = named("secret", "/secret");
  secret.access = access::admin;
  EXPECT_THROW(third.add<square>(secret), start_error) << "nobody has its key";
  endpoint route;
  route.access = access::admin;
  EXPECT_THROW(third.get(
                 "/r", [](const request&, context&) { return "ok"; }, route),
               start_error);
}

} // namespace troupe
