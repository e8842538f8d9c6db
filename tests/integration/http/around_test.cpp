// What stands around requests, in a server of our own process.
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/support/gunzip.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

namespace troupe {

namespace {

// -- callbacks ----------------------------------------------------------------

class diary : public callback {
public:
  void on_before_setup(const hook_call& x) override {
    note("before setup", x);
  }
  void on_after_setup(const hook_call& x) override {
    note("after setup", x);
  }
  void on_before_decode_request(const hook_call& x) override {
    note("before decode", x);
  }
  void on_after_decode_request(const hook_call& x) override {
    note("after decode", x);
  }
  void on_before_predict(const hook_call& x) override {
    note("before predict", x);
  }
  void on_after_predict(const hook_call& x) override {
    note("after predict", x);
  }
  void on_before_encode_response(const hook_call& x) override {
    note("before encode", x);
  }
  void on_after_encode_response(const hook_call& x) override {
    note("after encode", x);
  }
  void on_server_start() override {
    note("start");
  }
  void on_server_end() override {
    note("end");
  }
  void on_request(const request& req, std::size_t active) override {
    note("request " + req.path + ' ' + std::to_string(active));
  }
  void on_response(const request& req, int status,
                   std::chrono::nanoseconds duration) override {
    EXPECT_GT(duration.count(), 0);
    note("response " + req.path + ' ' + std::to_string(status));
  }

  [[nodiscard]] int count(const std::string& what) const {
    std::unique_lock guard{mutex_};
    auto i = counts_.find(what);
    return i != counts_.end() ? i->second : 0;
  }

private:
  void note(const std::string& what, const hook_call& x) {
    EXPECT_EQ(x.model, "m");
    if (what.starts_with("after")) {
      EXPECT_GT(x.duration.count(), 0) << what;
    }
    note(what);
  }

  void note(const std::string& what) {
    std::unique_lock guard{mutex_};
    ++counts_[what];
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

TEST(callbacks, hear_of_each_event_once) {
  auto heard = std::make_shared<diary>();
  {
    quiet_server server;
    server.add_callback(heard);
    server.add<square>(named("m"));
    server.get("/route", [](const auto&, auto&) { return "fine"; });
    ASSERT_TRUE(server.starts());
    ASSERT_EQ(server.post_to("/predict", "3").body, "9.0");
    ASSERT_EQ(server.post_to("/predict", "{").status, 400);
    ASSERT_EQ(server.fetch("/route").body, "fine");
    ASSERT_EQ(server.fetch("/nowhere").status, 404);
    ASSERT_EQ(server.fetch("/health").status, 200);
    server.stop();
  }
  for (auto* what : {"start", "before setup", "after setup", "before predict",
                     "after predict", "before encode", "after encode",
                     "response /predict 200", "response /predict 400",
                     "request /route 1", "response /route 200", "end"})
    EXPECT_EQ(heard->count(what), 1) << what;
  EXPECT_EQ(heard->count("request /predict 1"), 2);
  EXPECT_EQ(heard->count("request /nowhere 1"), 0);
  EXPECT_EQ(heard->count("request /health 1"), 0);
  EXPECT_EQ(heard->count("before decode"), heard->count("after decode"));
}

class broken_callback : public callback {
  void on_request(const request&, std::size_t) override {
    throw std::runtime_error("boo");
  }
  void on_response(const request&, int, std::chrono::nanoseconds) override {
    throw std::runtime_error("boo");
  }
};

TEST(callbacks, cannot_harm_a_request) {
  quiet_server server;
  server.add_callback(std::make_shared<broken_callback>());
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(client.post("/predict", "3").body, "9.0");
  EXPECT_EQ(client.post("/predict", "4").body, "16.0");
}

struct gated {
  explicit gated(gate* x) : door(x) {
    // nop
  }

  double predict(double x) const {
    door->pass();
    return x;
  }

  gate* door;
};

std::string active_of(const quiet_server& server) {
  auto info = json::parse(server.fetch("/info").body);
  return info["server"]["active_requests"].dump();
}

TEST(callbacks, hear_of_a_client_that_leaves) {
  gate door;
  auto heard = std::make_shared<diary>();
  quiet_server server;
  server.add_callback(heard);
  server.add<gated>(named("m"), &door);
  ASSERT_TRUE(server.starts());
  {
    http_client client{server.port()};
    client.send(request_text("POST", "/predict", "3"));
    ASSERT_TRUE(door.reached(1));
    EXPECT_EQ(active_of(server), "1");
  }
  EXPECT_TRUE(
    eventually([&] { return heard->count("response /predict 499") == 1; }));
  EXPECT_EQ(active_of(server), "0");
  door.open();
}

struct breaking {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n; ++i)
      out.write(i);
    if (n == 2)
      throw std::runtime_error("no more");
  }
};

TEST(callbacks, hear_of_a_stream_once_and_how_it_ended) {
  auto heard = std::make_shared<diary>();
  quiet_server server;
  server.add_callback(heard);
  server.add<breaking>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client whole{server.port()};
  auto fine = whole.post("/predict", "3", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(fine.body, "0\n1\n2\n");
  EXPECT_FALSE(fine.has("Content-Encoding"));
  http_client cut{server.port()};
  EXPECT_FALSE(cut.post("/predict", "2").complete);
  EXPECT_TRUE(
    eventually([&] { return heard->count("response /predict 500") == 1; }));
  EXPECT_EQ(heard->count("response /predict 200"), 1);
  EXPECT_EQ(active_of(server), "0");
}

TEST(active_requests, count_those_in_work) {
  gate door;
  auto options = named("m");
  options.workers = 4;
  quiet_server server;
  server.add<gated>(options, &door);
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(active_of(server), "0");
  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<http_client>(server.port()));
    clients.back()->send(request_text("POST", "/predict", "3"));
  }
  ASSERT_TRUE(door.reached(4));
  EXPECT_EQ(active_of(server), "4");
  door.open();
  for (auto& client : clients)
    EXPECT_EQ(client->read().body, "3.0");
  EXPECT_EQ(server.post_to("/predict", "{").status, 400);
  EXPECT_EQ(server.post_to("/predict", "\"x\"").status, 422);
  EXPECT_EQ(active_of(server), "0");
}

// -- middleware ---------------------------------------------------------------

/// Marks both ways, to show the order.
class marker : public middleware {
public:
  explicit marker(std::string name) : name_(std::move(name)) {
    // nop
  }

  std::optional<reply> before(request& req) override {
    if (req.header("X-Stop") == name_)
      return text_reply("stopped by " + name_, 400);
    std::string trace{req.header("X-Trace")};
    req.headers.set("X-Trace", trace + name_);
    return std::nullopt;
  }

  void after(const request& req, reply_head& head) override {
    std::string trace{
      head.headers.find("X-Trace").value_or(req.header("X-Trace"))};
    head.headers.set("X-Trace", trace + '/' + name_);
  }

private:
  std::string name_;
};

class middleware_test : public ::testing::Test {
public:
  middleware_test() {
    server.add_middleware(std::make_shared<marker>("a"));
    server.add_middleware(std::make_shared<marker>("b"));
    server.add<square>(named("m"));
  }

  quiet_server server;
};

TEST_F(middleware_test, stands_around_everything_in_order) {
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(client.post("/predict", "3").header("X-Trace"), "ab/b/a");
  EXPECT_EQ(client.get("/livez").header("X-Trace"), "ab/b/a");
  EXPECT_EQ(client.get("/nowhere").header("X-Trace"), "ab/b/a");
  EXPECT_EQ(client.get("/predict").header("X-Trace"), "ab/b/a");
}

TEST_F(middleware_test, sees_the_head_of_a_stream) {
  server.add<breaking>(named("s", "/stream"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto r = client.post("/stream", "3");
  EXPECT_EQ(r.header("X-Trace"), "ab/b/a");
  EXPECT_EQ(r.body, "0\n1\n2\n");
}

TEST_F(middleware_test, answers_itself_and_goes_on_with_the_connection) {
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto inner = client.post("/predict", "3", {{"X-Stop", "b"}});
  EXPECT_EQ(inner.status, 400);
  EXPECT_EQ(inner.body, "stopped by b");
  EXPECT_EQ(inner.header("X-Trace"), "a/a");
  auto outer = client.post("/predict", "3", {{"X-Stop", "a"}});
  EXPECT_EQ(outer.body, "stopped by a");
  EXPECT_FALSE(outer.has("X-Trace"));
  EXPECT_EQ(client.post("/predict", "3").body, "9.0");
}

/// LitServe's trusted host.
class trusted_host : public middleware {
  std::optional<reply> before(request& req) override {
    if (req.header("Host") == "test")
      return std::nullopt;
    throw http_error(400, "Invalid host header");
  }

  void after(const request&, reply_head&) override {
    throw std::runtime_error("never mind");
  }
};

TEST(middleware, may_throw) {
  quiet_server server;
  server.add_middleware(std::make_shared<trusted_host>());
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  EXPECT_EQ(client.post("/predict", "3").body, "9.0");
  client.send("GET /health HTTP/1.1\r\nHost: evil\r\n\r\n");
  auto refused = client.read();
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, "{\"detail\":\"Invalid host header\"}");
}

TEST(middleware, comes_before_the_start) {
  quiet_server server;
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  EXPECT_THROW(server.add_middleware(std::make_shared<marker>("a")),
               start_error);
  EXPECT_THROW(server.add_callback(std::make_shared<diary>()), start_error);
}

TEST(cors, lets_pages_read_answers_and_refusals) {
  auto options = test_options();
  options.cors.allow_origins = {"https://app.example"};
  options.api_key = "secret";
  quiet_server server{options};
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  header_list origin{{"Origin", "https://app.example"}};
  auto preflight =
    client.request("OPTIONS", "/predict", {},
                   {origin[0], {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"),
            "https://app.example");
  auto refused = client.post("/predict", "3", origin);
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("Access-Control-Allow-Origin"),
            "https://app.example");
  EXPECT_FALSE(client.get("/livez").has("Access-Control-Allow-Origin"));
  EXPECT_EQ(client.request("OPTIONS", "/predict").header("Allow"),
            "POST, OPTIONS");
}

TEST(cors, lets_pages_read_refusals_of_the_parser) {
  auto options = test_options();
  options.cors.allow_origins = {"https://app.example"};
  options.limits.header_timeout = std::chrono::milliseconds{200};
  quiet_server server{options};
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  const std::string origin = "Origin: https://app.example\r\n";
  const std::string start = "POST /predict HTTP/1.1\r\nHost: t\r\n";
  for (const auto& [bytes, status] : std::vector<std::pair<std::string, int>>{
         {start + origin + "X: " + std::string(9'000, 'x'), 431},
         {start + "Expect: x\r\n" + origin + "\r\n", 417},
         {start + "Transfer-Encoding: gzip, chunked\r\n" + origin + "\r\n",
          501},
         {"BREW / HTTP/1.1\r\nHost: t\r\n" + origin + "\r\n", 501},
         {"POST / HTTP/1.1\r\n" + origin + "\r\n", 400},
         {start + origin + "X: y\n", 400},
         {start + origin + "Transfer-Encoding: chunked\r\n\r\nx", 400},
         {start + origin, 408}}) {
    http_client client{server.port()};
    client.send(bytes);
    auto answer = client.read();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"),
              "https://app.example")
      << status;
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_FALSE(answer.header("X-Request-Id").empty());
    EXPECT_FALSE(answer.header("Date").empty());
  }
}

TEST(request_id, is_kept_when_the_parser_refuses) {
  quiet_server server;
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  client.send("GET / HTTP/1.1\r\nX-Request-Id: mine\r\nHost: ]\r\n\r\n");
  EXPECT_EQ(client.read().header("X-Request-Id"), "mine");
}

/// What the handler of a request sees of its client.
TEST(trusted_proxies, tell_the_client_of_a_request) {
  auto options = test_options();
  options.trusted_proxies = {"127.0.0.0/8"};
  options.rate_limit.per_second = 0.001;
  options.rate_limit.burst = 2;
  quiet_server server{options};
  server.get("/remote", [](const request& req, auto&) { return req.remote; });
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto ask = [&](const std::string& chain) {
    return client.get("/remote", {{"X-Forwarded-For", chain}});
  };
  EXPECT_EQ(ask("1.1.1.1, 203.0.113.8").body, "203.0.113.8");
  EXPECT_EQ(ask("2.2.2.2, 203.0.113.8").body, "203.0.113.8");
  EXPECT_EQ(ask("3.3.3.3, 203.0.113.8").status, 429);
  EXPECT_EQ(ask("203.0.113.9").body, "203.0.113.9");
}

TEST(pages, of_other_origins_may_not_drive_a_server_without_a_key) {
  quiet_server server;
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto own = "http://127.0.0.1:" + std::to_string(server.port());
  auto post = [&](const header_list& headers) {
    return client.post("/predict", "3", headers);
  };
  auto refused =
    post({{"Content-Type", "text/plain"}, {"Origin", "http://evil.example"}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("server.cors.allow_origins"), std::string::npos);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(post({{"Origin", "null"}}).status, 403);
  EXPECT_EQ(post({}).body, "9.0");
  client.send("POST /predict HTTP/1.1\r\nHost: 127.0.0.1:"
              + std::to_string(server.port()) + "\r\nOrigin: " + own
              + "\r\nContent-Length: 1\r\n\r\n3");
  EXPECT_EQ(client.read().body, "9.0");
  client.send("POST /predict HTTP/1.1\r\nHost: rebound.example\r\nOrigin: "
              "http://rebound.example\r\nContent-Length: 1\r\n\r\n3");
  auto rebound = client.read();
  EXPECT_EQ(rebound.status, 403);
  EXPECT_NE(rebound.body.find("server.allowed_hosts"), std::string::npos);
  client.send("POST /predict HTTP/1.1\r\nHost: proxied.example\r\n"
              "Content-Length: 1\r\n\r\n3");
  EXPECT_EQ(client.read().body, "9.0") << "no page";
}

TEST(pages, may_call_where_cors_lets_them) {
  auto options = test_options();
  options.cors.allow_origins = {"https://app.example"};
  quiet_server server{options};
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  auto status = [&](const std::string& origin) {
    return http_client{server.port()}
      .post("/predict", "3", {{"Origin", origin}})
      .status;
  };
  EXPECT_EQ(status("https://app.example"), 200);
  EXPECT_EQ(status("https://evil.example"), 403);
}

TEST(rate_limit, refuses_what_is_too_much_but_no_probe) {
  auto options = test_options();
  options.rate_limit.per_second = 0.001;
  options.rate_limit.burst = 2;
  quiet_server server{options};
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(server.post_to("/predict", "3").status, 200);
  EXPECT_EQ(server.post_to("/predict", "3").status, 200);
  auto refused = server.post_to("/predict", "3");
  EXPECT_EQ(refused.status, 429);
  EXPECT_GT(std::stoi(refused.header("Retry-After")), 900);
  EXPECT_EQ(server.fetch("/livez").status, 200);
}

TEST(request_id, uses_the_header_that_is_configured) {
  auto options = test_options();
  options.request_id_header = "X-Correlation";
  quiet_server server{options};
  server.add<square>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto r = client.post("/predict", "3", {{"X-Correlation", "abc"}});
  EXPECT_EQ(r.header("X-Correlation"), "abc");
  EXPECT_FALSE(r.has("X-Request-Id"));
}

// -- gzip ---------------------------------------------------------------------

struct repeat {
  std::string predict(int n) {
    return std::string(static_cast<std::size_t>(n), 'x');
  }
};

TEST(gzip, is_given_to_who_takes_it) {
  quiet_server server;
  server.add<repeat>(named("m"));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto plain = client.post("/predict", "5000");
  EXPECT_FALSE(plain.has("Content-Encoding"));
  EXPECT_EQ(plain.header("Content-Length"), std::to_string(plain.body.size()));
  EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
  auto packed = client.post("/predict", "5000", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.header("Content-Length"),
            std::to_string(packed.body.size()));
  EXPECT_LT(packed.body.size(), 200U);
  EXPECT_EQ(gunzip(packed.body), plain.body);
  auto small = client.post("/predict", "500", {{"Accept-Encoding", "gzip"}});
  EXPECT_FALSE(small.has("Content-Encoding"));
  auto refused =
    client.post("/predict", "5000", {{"Accept-Encoding", "gzip;q=0, *"}});
  EXPECT_EQ(refused.body, plain.body);
}

// -- values and health --------------------------------------------------------

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
  for (auto* line : {"\ntroupe_logged_value_sum{model=\"m\",key=\"x\"} 7.5\n",
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
  options.health_interval = std::chrono::milliseconds{5};
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
