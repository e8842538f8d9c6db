// What the options put around requests, in a server of our own process.
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/support/gunzip.hpp"

#include <string>

namespace troupe {

namespace {

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

TEST(gzip, is_sent_to_clients_that_accept_it) {
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

} // namespace

} // namespace troupe
