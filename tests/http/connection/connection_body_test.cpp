// What a connection does with bodies, wanted and not.
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

class connection_body_test : public front_fixture {
public:
  connection_body_test() {
    echo();
  }

  static std::string chunked(std::string_view path, std::string_view body) {
    return "POST " + std::string{path}
           + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
           + std::string{body};
  }

  static std::string announce(std::string_view path, std::string_view n,
                              std::string_view fields = "") {
    return "POST " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n"
           + std::string{fields} + "Content-Length: " + std::string{n}
           + "\r\n\r\n";
  }
};

TEST_F(connection_body_test, joins_chunks) {
  start();
  auto c = connect();
  EXPECT_EQ(c->ask(chunked("/app", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")).body,
            "abcde");
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
}

TEST_F(connection_body_test, takes_a_body_larger_than_its_buffer) {
  start();
  std::string large(1'000'000, 'x');
  EXPECT_EQ(connect()->ask(post("/app", large)).body, large);
}

TEST_F(connection_body_test, drops_a_small_body_nobody_wants_and_goes_on) {
  start();
  auto c = connect();
  c->send(announce("/missing", "5"));
  c->send("hello");
  EXPECT_EQ(c->read().status, 404);
  EXPECT_EQ(c->ask(post("/keyed", "hello")).status, 401);
  EXPECT_EQ(c->ask(post("/missing", std::string(60'000, 'x'))).status, 404);
  auto r = c->ask(get("/livez"));
  EXPECT_EQ(r.body, "ok");
  EXPECT_FALSE(r.closes());
}

TEST_F(connection_body_test, waits_for_a_small_body_before_it_refuses) {
  start();
  auto c = connect();
  c->send(announce("/small", "11"));
  c->send("hello");
  c->send(" world" + get("/livez"));
  EXPECT_EQ(c->read().status, 413);
  EXPECT_EQ(c->read().body, "ok");
}

TEST_F(connection_body_test, refuses_a_large_announcement_at_once) {
  start();
  for (const auto* path : {"/app", "/missing", "/small", "/keyed"}) {
    auto c = connect();
    auto r = c->ask(announce(path, "99999999999"));
    EXPECT_EQ(r.status, path == std::string{"/missing"} ? 404
                        : path == std::string{"/keyed"} ? 401
                                                        : 413);
    EXPECT_TRUE(r.closes());
    EXPECT_TRUE(c->closed());
  }
}

TEST_F(connection_body_test, bounds_a_chunked_body_as_it_comes) {
  start();
  auto c = connect();
  c->send(chunked("/small", "6\r\nhello \r\n6\r\nworld!\r\n"));
  auto r = c->read();
  EXPECT_EQ(r.status, 413);
  EXPECT_TRUE(r.closes());
  EXPECT_TRUE(c->closed());
  EXPECT_EQ(
    connect()->ask(chunked("/small", "a\r\n0123456789\r\n0\r\n\r\n")).body,
    "0123456789");
}

TEST_F(connection_body_test,
       refuses_an_unwanted_body_of_unknown_length_at_once) {
  start();
  auto c = connect();
  c->send(chunked("/missing", ""));
  auto r = c->read();
  EXPECT_EQ(r.status, 404);
  EXPECT_TRUE(r.closes());
  EXPECT_TRUE(c->closed());
}

TEST_F(connection_body_test, bounds_chunk_extensions_and_trailers) {
  start();
  for (const auto& bytes :
       {chunked("/app", "1;" + std::string(100'000, 'x')),
        chunked("/app", "0\r\nX: " + std::string(100'000, 'x'))}) {
    auto c = connect();
    auto r = c->ask(bytes);
    EXPECT_EQ(r.status, 431);
    EXPECT_TRUE(r.closes());
  }
}

TEST_F(connection_body_test, gives_leave_to_send_a_body) {
  start();
  auto c = connect();
  c->send(announce("/app", "5", "Expect: 100-continue\r\n"));
  EXPECT_EQ(c->read().status, 100);
  EXPECT_EQ(c->ask("hello").body, "hello");
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
}

TEST_F(connection_body_test, gives_no_leave_when_it_refuses) {
  start();
  for (auto* path : {"/missing", "/keyed", "/small"}) {
    auto c = connect();
    auto r = c->ask(announce(path, "50", "Expect: 100-continue\r\n"));
    EXPECT_GE(r.status, 400);
    EXPECT_TRUE(r.closes());
  }
}

TEST_F(connection_body_test, refuses_other_expectations) {
  start();
  auto r = connect()->ask(post("/app", "x", "Expect: 200-ok\r\n"));
  EXPECT_EQ(r.status, 417);
  EXPECT_TRUE(r.closes());
}

TEST_F(connection_body_test, lets_no_trailer_change_the_request) {
  app.on_exchange = [](const exchange_ptr& ex) {
    ex->finish(text_reply(std::string{ex->request.header("Host")} + ' '
                          + std::string{ex->request.header("X-API-Key")}));
  };
  start();
  auto c = connect();
  auto r = c->ask(chunked("/app", "1\r\nx\r\n0\r\nHost: evil\r\nX-API-Key: "
                                  "secret\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(r.body, "a ");
  EXPECT_FALSE(r.closes());
  EXPECT_EQ(c->ask(chunked("/keyed", "0\r\nX-API-Key: secret\r\n\r\n")).status,
            401);
}

TEST_F(connection_body_test, reads_no_request_before_the_last_is_answered) {
  app.on_exchange = nullptr;
  start();
  auto c = connect();
  c->send(post("/app", "one") + post("/app", "two"));
  auto first = app.next();
  ASSERT_NE(first, nullptr);
  on_thread([] {});
  EXPECT_EQ(io->in_flight(), 1U);
  first->finish(text_reply("1"));
  auto second = app.next();
  ASSERT_NE(second, nullptr);
  second->finish(text_reply("2"));
  EXPECT_EQ(c->read().body, "1");
  EXPECT_EQ(c->read().body, "2");
}

TEST_F(connection_body_test, sends_no_body_with_a_status_that_has_none) {
  app.on_exchange = [](const exchange_ptr& ex) {
    ex->finish(
      text_reply("ignored", ex->request.method == method::get ? 304 : 204));
  };
  start();
  auto c = connect();
  c->send(post("/app", "x") + get("/app") + get("/livez"));
  auto r = c->read(true);
  EXPECT_EQ(r.status, 204);
  EXPECT_FALSE(r.has("Content-Length"));
  EXPECT_EQ(c->read(true).status, 304);
  EXPECT_EQ(c->read().body, "ok");
}

} // namespace

} // namespace troupe
