// Where requests come from: pages, proxies; and what pages may read.
#include "troupe/tests/integration/library.hpp"

#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace {

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
  options.peers.trusted_proxies = {"127.0.0.0/8"};
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

} // namespace

} // namespace troupe
