// A connection and the decisions that it takes itself.
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

class connection_test : public front_fixture {};

/// Lives on an I/O thread and calls a function when it is told.
class drain_listener final : public placed<caf::event_based_actor> {
public:
  drain_listener(caf::actor_config& cfg, unit_ptr home, std::function<void()> f)
    : placed(cfg, placement{std::move(home)}), f_(std::move(f)) {
    // nop
  }

  caf::behavior make_behavior() override {
    return {[this](atom::drained) { f_(); }};
  }

private:
  std::function<void()> f_;
};

TEST_F(connection_test, keeps_a_connection_alive) {
  echo();
  start();
  auto c = connect();
  for (int i = 0; i < 3; ++i) {
    auto r = c->ask(post("/app", "ping " + std::to_string(i)));
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.body, "ping " + std::to_string(i));
    EXPECT_FALSE(r.closes());
  }
  EXPECT_EQ(io->connections(), 1U);
  EXPECT_EQ(shared->board->traffic.finished.load(), 3U);
}

TEST_F(connection_test, answers_what_is_pipelined_in_order) {
  start();
  auto c = connect();
  c->send(post("/app", "one") + get("/") + post("/app", "two") + get("/missing")
          + post("/app", "three"));
  for (auto* body :
       {"one", "troupe running", "two", R"({"detail":"Not Found"})", "three"}) {
    if (body[0] == 'o' || (body[0] == 't' && body[1] != 'r')) {
      auto ex = app.next();
      ASSERT_NE(ex, nullptr);
      ex->finish(text_reply(ex->request.body));
    }
    EXPECT_EQ(c->read().body, body);
  }
}

TEST_F(connection_test, hands_the_whole_request_on) {
  auto [c, ex] =
    begin_request(get("/app/a%20b?x=1", "X-One: 1\r\nX-Request-Id: my-id\r\n"));
  EXPECT_EQ(ex->request.method, method::get);
  EXPECT_EQ(ex->request.target, "/app/a%20b?x=1");
  EXPECT_EQ(ex->request.path, "/app/a b");
  EXPECT_EQ(ex->request.param("name"), "a b");
  EXPECT_EQ(ex->request.header("x-one"), "1");
  EXPECT_TRUE(ex->request.remote.starts_with("127.0.0.1:"));
  EXPECT_EQ(ex->request_id, "my-id");
  EXPECT_EQ(ex->time.due(), deadline_clock::time_point::max());
  ex->finish(json_reply({{"a", 1}}));
  auto r = c->read();
  EXPECT_EQ(r.header("X-Request-Id"), "my-id");
  EXPECT_EQ(r.header("Content-Type"), "application/json");
  EXPECT_EQ(r.body, R"({"a":1})");
}

TEST_F(connection_test, makes_an_id_for_a_request_without_a_usable_one) {
  start();
  auto c = connect();
  auto id_of = [](const http_response& r) {
    EXPECT_TRUE(r.has("X-Request-Id"));
    return r.header("X-Request-Id");
  };
  auto first = id_of(c->ask(get("/")));
  auto second = id_of(c->ask(get("/")));
  auto third =
    id_of(c->ask(get("/", "X-Request-Id: " + std::string(200, 'x') + "\r\n")));
  EXPECT_NE(first, second);
  EXPECT_NE(second, third);
  EXPECT_LT(third.size(), 60U);
}

TEST_F(connection_test, refuses_on_its_own_and_goes_on) {
  start();
  auto c = connect();
  auto missing = c->ask(get("/missing"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, R"({"detail":"Not Found"})");
  auto wrong = c->ask(post("/app/x", "{}"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, OPTIONS");
  auto options = c->ask("OPTIONS /app/x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(c->ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").status, 204);
  EXPECT_EQ(c->ask(post("/keyed", "{}")).status, 401);
  auto slash = c->ask(get("/app/?a=b"));
  EXPECT_EQ(slash.status, 307);
  EXPECT_EQ(slash.header("Location"), "../app?a=b");
  EXPECT_EQ(c->ask(get("/app/%00")).status, 400);
  EXPECT_EQ(c->ask(get("/livez")).status, 200);
}

TEST_F(connection_test, is_not_ready_without_a_table) {
  start();
  on_thread([this] { io->snapshot(nullptr); });
  auto r = connect()->ask(get("/app"));
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.header("Retry-After"), "1");
}

TEST_F(connection_test, answers_head_like_get_without_a_body) {
  app.on_exchange = [](const exchange_ptr& ex) {
    EXPECT_EQ(ex->request.method, method::head);
    ex->finish(text_reply("hello"));
  };
  start();
  auto c = connect();
  c->send("HEAD /app HTTP/1.1\r\nHost: a\r\n\r\n" + get("/livez"));
  auto r = c->read(true);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.header("Content-Length"), "5");
  EXPECT_EQ(c->read().body, "ok");
}

TEST_F(connection_test, sends_the_body_of_a_refusal_after_a_head) {
  start();
  auto c = connect();
  c->send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n");
  EXPECT_EQ(c->read(true).status, 200);
  auto r = c->read();
  EXPECT_EQ(r.status, 400);
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.body, R"({"detail":"Malformed request line"})");
}

// -- the end of a connection --------------------------------------------------

TEST_F(connection_test, closes_when_it_is_asked_to) {
  echo();
  start();
  for (auto* first : {"POST /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
                      "POST /app HTTP/1.0\r\n"}) {
    auto c = connect();
    auto r = c->ask(std::string{first} + "Content-Length: 2\r\n\r\nab");
    EXPECT_EQ(r.body, "ab");
    EXPECT_TRUE(r.closes());
    EXPECT_TRUE(c->closed());
  }
}

TEST_F(connection_test, keeps_an_old_client_that_asks_for_it) {
  start();
  auto c = connect();
  const auto* text = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(c->ask(text).header("Connection"), "keep-alive");
  EXPECT_EQ(c->ask(text).status, 200);
}

TEST_F(connection_test, answers_a_malformed_request_and_closes) {
  start();
  auto c = connect();
  auto r = c->ask("GET / HTTP/1.1\r\n\r\n" + get("/"));
  EXPECT_EQ(r.status, 400);
  EXPECT_TRUE(r.closes());
  EXPECT_TRUE(c->closed());
}

TEST_F(connection_test, answers_500_when_the_renderer_of_a_refusal_throws) {
  start();
  auto c = connect();
  EXPECT_EQ(c->ask(post("/throws", "{}")).status, 500);
  EXPECT_NE(logged().find("renderer"), std::string::npos);
  EXPECT_EQ(c->ask(get("/")).status, 200) << "the connection goes on";
}

TEST_F(connection_test, ends_one_connection_when_something_throws) {
  shared->log = [log = shared->log,
                 first = true](log_level level, std::string_view text) mutable {
    if (std::exchange(first, false))
      throw std::runtime_error("the log is full");
    log(level, text);
  };
  start();
  auto other = connect();
  EXPECT_EQ(other->ask(get("/")).status, 200);
  auto c = connect();
  c->send(post("/throws", "{}"));
  EXPECT_TRUE(c->closed());
  EXPECT_NE(logged().find("the log is full"), std::string::npos);
  EXPECT_EQ(other->ask(get("/")).status, 200);
  EXPECT_TRUE(wait_for_connections(1));
  on_thread([] {});
  EXPECT_EQ(io->in_flight(), 0U);
}

TEST_F(connection_test, closes_what_stays_silent) {
  shared->options.limits.header_timeout = std::chrono::milliseconds{30};
  shared->options.limits.body_timeout = std::chrono::milliseconds{30};
  shared->options.limits.idle_timeout = std::chrono::milliseconds{30};
  start();
  EXPECT_TRUE(connect()->closed()) << "nothing sent";
  auto idle = connect();
  EXPECT_EQ(idle->ask(get("/")).status, 200);
  EXPECT_TRUE(idle->closed()) << "idle";
  auto header = connect();
  EXPECT_EQ(header->ask("GET / HT").status, 408);
  EXPECT_TRUE(header->closed()) << "in the header";
  auto body = connect();
  EXPECT_EQ(
    body->ask("POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
      .status,
    408);
  EXPECT_TRUE(body->closed()) << "in the body";
}

TEST_F(connection_test, is_gone_when_its_client_left) {
  start();
  auto c = connect();
  EXPECT_EQ(c->ask(get("/")).status, 200);
  c->send("GET / HT");
  c->close();
  EXPECT_TRUE(wait_for_connections(0));
  on_thread([] {});
  EXPECT_EQ(io->in_flight(), 0U);
}

// -- shutdown -----------------------------------------------------------------

TEST_F(connection_test, lets_actors_run_that_the_end_of_an_answer_sent_to) {
  auto [peer, ex] = begin_request(get("/app"));
  // As FRONT does it: the thread tells an actor that lives there.
  std::promise<std::size_t> told;
  auto listening = caf::actor_cast<caf::actor>(system->spawn<drain_listener>(
    io->home(), [&] { told.set_value(io->connections()); }));
  actors.push_back(listening);
  on_thread(
    [&] { io->quiesce([listening] { tell(listening, atom::drained_v); }); });
  ex->finish(text_reply("done"));
  EXPECT_EQ(peer->read().body, "done");
  EXPECT_EQ(told.get_future().get(), 1U)
    << "not only when the connection has ended, which waits for its client";
}

TEST_F(connection_test, closes_idle_connections_when_it_quiesces) {
  start();
  auto idle = connect();
  EXPECT_EQ(idle->ask(get("/")).status, 200);
  auto busy = connect();
  busy->send(post("/app", "x"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  std::promise<void> quiet;
  auto is_quiet = quiet.get_future();
  on_thread([&] { io->quiesce([&] { quiet.set_value(); }); });
  EXPECT_TRUE(idle->closed());
  EXPECT_EQ(is_quiet.wait_for(std::chrono::seconds{0}),
            std::future_status::timeout);
  ex->finish(text_reply("done"));
  auto r = busy->read();
  EXPECT_EQ(r.body, "done");
  EXPECT_TRUE(r.closes());
  EXPECT_TRUE(busy->closed());
  EXPECT_EQ(is_quiet.wait_for(std::chrono::seconds{10}),
            std::future_status::ready);
}

TEST_F(connection_test, is_quiet_at_once_when_nothing_is_in_work) {
  start();
  auto called = false;
  on_thread([&] { io->quiesce([&] { called = true; }); });
  EXPECT_TRUE(called);
}

TEST_F(connection_test, closes_everything_when_told) {
  start();
  auto idle = connect();
  EXPECT_EQ(idle->ask(get("/")).status, 200);
  auto busy = connect();
  busy->send(post("/app", "x"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  on_thread([this] { io->close_all(); });
  EXPECT_TRUE(idle->closed());
  EXPECT_TRUE(busy->closed());
  EXPECT_TRUE(ex->cancelled());
  EXPECT_EQ(io->connections(), 0U);
  EXPECT_EQ(io->in_flight(), 0U);
}

} // namespace

} // namespace troupe
