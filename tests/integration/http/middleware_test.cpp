// Middleware in a server of our own process.
#include "troupe/tests/integration/library.hpp"

#include <stdexcept>
#include <string>

namespace troupe {

namespace {

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

struct counting_stream {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n; ++i)
      out.write(i);
  }
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
  server.add<counting_stream>(named("s", "/stream"));
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
  EXPECT_THROW(server.add_callback(std::make_shared<callback>()), start_error);
}

} // namespace

} // namespace troupe
