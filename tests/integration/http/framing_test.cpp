#include "troupe/http/around/gzip.hpp"
#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

constexpr auto framing_config = R"({
  "server": { "max_body_bytes": 100,
              "limits": { "header_timeout_ms": 300, "body_timeout_ms": 300,
                          "idle_timeout_ms": 60000 } },
  "models": [
    { "name": "square", "type": "square" },
    { "name": "sleep", "type": "sleep", "predict": "/sleep" }
  ]})";

constexpr auto head = "POST /predict HTTP/1.1\r\nHost: t\r\n";

} // namespace

TEST(framing, answers_pipelined_requests_in_order) {
  served server{framing_config};
  auto client = server.connect();
  client.send(request_text("POST", "/sleep", R"({"base_ms":200})")
              + request_text("POST", "/predict", R"({"input":3})")
              + request_text("GET", "/health")
              + request_text("POST", "/predict", R"({"input":4})"));
  EXPECT_EQ(json_of(client.read())["batch_size"], 1);
  EXPECT_EQ(json_of(client.read())["output"], 9);
  EXPECT_EQ(client.read().body, "ok");
  EXPECT_EQ(json_of(client.read())["output"], 16);
}

TEST(framing, takes_chunked_bodies_in_any_pieces) {
  served server{framing_config};
  auto client = server.connect();
  auto chunked = std::string{head} + "Transfer-Encoding: chunked\r\n\r\n"
                 + "4;ext=\"x\"\r\n{\"in\r\n8\r\nput\":12}\r\n"
                   "0\r\nX-Trailer: y\r\n\r\n";
  client.send(chunked);
  EXPECT_EQ(json_of(client.read())["output"], 144);
  for (auto c : chunked)
    ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(json_of(client.read())["output"], 144);
}

TEST(framing, does_not_let_trailers_change_the_request) {
  served server{framing_config};
  auto client = server.connect();
  client.send(std::string{head}
              + "Transfer-Encoding: chunked\r\n\r\n"
                "c\r\n{\"input\":12}\r\n0\r\nConnection: close\r\n"
                "X-Request-Id: from-trailer\r\n\r\n");
  auto answer = client.read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.header("X-Request-Id"), "from-trailer");
  EXPECT_FALSE(answer.has("Connection"));
  EXPECT_EQ(client.get("/health").status, 200);
}

TEST(framing, tells_a_client_that_asks_to_go_on) {
  served server{framing_config};
  auto client = server.connect();
  client.send(std::string{head}
              + "Content-Length: 12\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send(R"({"input":12})");
  EXPECT_EQ(client.read().status, 200);
  // Refused before a byte of the body.
  client.send(std::string{head}
              + "Content-Length: 101\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 413);
  EXPECT_TRUE(client.closed());
  auto other = server.connect();
  other.send(std::string{head} + "Content-Length: 2\r\nExpect: tea\r\n\r\n{}");
  EXPECT_EQ(other.read().status, 417);
}

TEST(framing, tells_no_client_of_http_10_to_go_on) {
  // RFC 9110 sections 10.1.1 and 15.2.
  served server{framing_config};
  for (std::string expect : {"100-continue", "tea"}) {
    auto client = server.connect();
    client.send("POST /predict HTTP/1.0\r\nContent-Length: 12\r\nExpect: "
                + expect + "\r\n\r\n{\"input\":12}");
    auto answer = client.read();
    EXPECT_EQ(answer.status, 200) << expect;
    EXPECT_EQ(json_of(answer)["output"], 144) << expect;
  }
}

TEST(framing, waits_after_an_empty_line_as_between_requests) {
  // RFC 9112 section 2.2; some clients send one after a body.
  served server{framing_config};
  auto client = server.connect();
  EXPECT_EQ(client.get("/health").status, 200);
  client.send("\r\n");
  EXPECT_FALSE(client.readable(std::chrono::milliseconds{600}))
    << "longer than a header section may take";
  EXPECT_EQ(client.get("/health").body, "ok");
  client.send("\r\n");
  client.send("\r\n");
  EXPECT_EQ(client.read().status, 400);
}

TEST(framing, answers_malformed_bytes_at_once) {
  served server{R"({
    "server": { "limits": { "header_timeout_ms": 60000,
                            "body_timeout_ms": 60000 } },
    "models": [{ "name": "square", "type": "square" }]})"};
  for (const auto& bytes :
       {std::string{"GET / \r\n"}, std::string{"GET / HTTP/1.1\n"},
        std::string{"GET / HTTP/1.1\r\nHost: t\n"},
        std::string{head} + "Transfer-Encoding: chunked\r\n\r\n0\r\n\n"}) {
    auto client = server.connect();
    client.send(bytes);
    EXPECT_EQ(client.read().status, 400) << bytes;
    EXPECT_TRUE(client.closed());
  }
}

TEST(framing, lets_an_absolute_target_say_the_host) {
  // RFC 9112 section 3.2.2.
  served server{R"({
    "server": { "allowed_hosts": ["models.example"] },
    "models": [{ "name": "square", "type": "square" }]})"};
  auto status = [&](const std::string& target, const std::string& host) {
    auto client = server.connect();
    client.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    return client.read().status;
  };
  EXPECT_EQ(status("http://models.example/info", "other"), 200);
  EXPECT_EQ(status("http://other/info", "models.example"), 403);
  EXPECT_EQ(status("/info", "models.example:80"), 200);
  EXPECT_EQ(status("/info", "other"), 403);
  EXPECT_EQ(status("/livez", "10.0.0.1"), 200);
}

TEST(framing, decodes_bodies_within_the_limit) {
  // RFC 9110 sections 8.4 and 15.5.16; the limit here is 100 bytes.
  served server{framing_config};
  auto client = server.connect();
  auto post = [&](const std::string& body, const std::string& coding) {
    return client.post("/predict", body, {{"Content-Encoding", coding}});
  };
  auto packed = gzip(R"({"input":12})", 6);
  EXPECT_EQ(json_of(post(packed, "gzip"))["output"], 144);
  EXPECT_EQ(json_of(post(packed, "x-gzip"))["output"], 144);
  EXPECT_EQ(json_of(post(R"({"input":12})", "identity"))["output"], 144);
  for (std::string coding : {"br", "deflate", "gzip, gzip"}) {
    auto answer = post(packed, coding);
    EXPECT_EQ(answer.status, 415) << coding;
    EXPECT_EQ(answer.header("Accept-Encoding"), "gzip") << coding;
  }
  EXPECT_EQ(client.get("/health").body, "ok") << "the connection lives on";
  EXPECT_EQ(server
              .post("/predict", gzip(std::string(1000, ' '), 9),
                    {{"Content-Encoding", "gzip"}})
              .status,
            413);
  EXPECT_EQ(server
              .post("/predict", packed.substr(0, packed.size() - 1),
                    {{"Content-Encoding", "gzip"}})
              .status,
            400);
  auto waiting = server.connect();
  waiting.send(std::string{head} + "Expect: 100-continue\r\nContent-Length: "
               + std::to_string(packed.size())
               + "\r\nContent-Encoding: gzip\r\n\r\n");
  EXPECT_EQ(waiting.read().status, 100);
  waiting.send(packed);
  EXPECT_EQ(json_of(waiting.read())["output"], 144);
  waiting.send(std::string{head} + "Expect: 100-continue\r\nContent-Length: 9"
               + "\r\nContent-Encoding: br\r\n\r\n");
  EXPECT_EQ(waiting.read().status, 415);
}

TEST(framing, refuses_large_bodies_announced_or_not) {
  served server{framing_config};
  auto client = server.connect();
  EXPECT_EQ(client.post("/predict", std::string(101, ' ')).status, 413);
  EXPECT_EQ(
    client.post("/predict", "{\"input\":1}" + std::string(89, ' ')).status, 200)
    << "100 bytes are not too many, and the connection lives";
  auto announced = server.connect();
  announced.send(std::string{head} + "Content-Length: 99999999999\r\n\r\n");
  EXPECT_EQ(announced.read().status, 413);
  EXPECT_TRUE(announced.closed());
  auto counted = server.connect();
  counted.send(std::string{head} + "Transfer-Encoding: chunked\r\n\r\n");
  // Never an end: what is counted is what has come.
  counted.send("32\r\n" + std::string(50, ' ') + "\r\n33\r\n"
               + std::string(51, ' ') + "\r\n");
  EXPECT_EQ(counted.read().status, 413);
  EXPECT_TRUE(counted.closed());
}

TEST(framing, bounds_the_header_section_and_the_target) {
  served server{framing_config};
  auto answer = [&](const std::string& bytes) {
    auto client = server.connect();
    client.send(bytes);
    auto result = client.read();
    EXPECT_TRUE(client.closed());
    return result.status;
  };
  EXPECT_EQ(
    answer(request_text("GET", "/", {}, {{"X-Big", std::string(10'000, 'x')}})),
    431);
  EXPECT_EQ(answer(request_text("GET", "/", {}, header_list(200, {"A", "b"}))),
            431);
  std::string target(8'050, 'x');
  target.front() = '/';
  EXPECT_EQ(answer(request_text("GET", target)), 414);
  // Nor is there a bound that only the end of the section would show.
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x')), 431);
}

TEST(framing, ends_a_request_that_comes_too_slowly) {
  served server{framing_config};
  auto client = server.connect();
  auto text = request_text("GET", "/", {}, {{"X", std::string(2'000, 'x')}});
  // A byte now and then is no progress.
  std::size_t sent = 0;
  while (sent < text.size() && !client.readable(std::chrono::milliseconds{20}))
    client.send({&text[sent++], 1});
  EXPECT_LT(sent, text.size());
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.closed());
  auto body = server.connect();
  body.send(std::string{head} + "Content-Length: 12\r\n\r\n{\"in");
  EXPECT_EQ(body.read().status, 408);
  EXPECT_TRUE(body.closed());
  auto silent = server.connect();
  EXPECT_TRUE(silent.closed()) << "not a byte in all the time for a header";
}

TEST(framing, closes_a_connection_that_idles) {
  served server{R"({
    "server": { "limits": { "idle_timeout_ms": 200 } },
    "models": [{ "name": "square", "type": "square" }]})"};
  auto client = server.connect();
  EXPECT_EQ(client.get("/health").status, 200);
  EXPECT_TRUE(client.closed());
}

TEST(framing, keeps_a_connection_as_the_client_wishes) {
  served server{framing_config};
  auto plain = server.connect();
  plain.send("GET /health HTTP/1.0\r\n\r\n");
  auto answer = plain.read();
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(plain.closed());
  auto kept = server.connect();
  for (int i = 0; i < 3; ++i) {
    kept.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    answer = kept.read();
    EXPECT_EQ(answer.body, "ok");
    EXPECT_EQ(answer.header("Connection"), "keep-alive");
  }
  auto last = server.connect();
  answer = last.get("/health", {{"Connection", "close"}});
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(last.closed());
}

TEST(framing, reads_past_a_small_body_that_nobody_wants) {
  served server{framing_config};
  auto client = server.connect();
  EXPECT_EQ(client.post("/nope", std::string(1'000, 'x')).status, 404);
  EXPECT_EQ(client.request("PUT", "/predict", "GET / HTTP/1.1\r\n\r\n").status,
            405);
  EXPECT_EQ(client.get("/health").body, "ok");
}

TEST(framing, answers_a_client_that_has_ended_its_sending_side_if_told_so) {
  served server{R"({
    "server": { "on_half_close": "answer" },
    "models": [{ "name": "sleep", "type": "sleep" }]})"};
  auto client = server.connect();
  client.send(request_text("POST", "/predict", R"({"base_ms":100})"));
  client.end_sending();
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.closed());
}

} // namespace troupe
