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
