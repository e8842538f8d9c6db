// Requests in work: streams, deadlines, clients that leave.
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

using nlohmann::json;

class connection_work_test : public front_fixture {
public:
  /// A stream that has begun, and its client.
  exchange_ptr begin_stream(http_client& c, std::string_view path = "/app",
                            std::string_view fields = "") {
    c.send(post(path, "{}", fields));
    auto ex = app.next();
    if (ex != nullptr)
      ex->write(json{{"index", 0}});
    return ex;
  }
};

TEST_F(connection_work_test, sends_a_stream_as_lines) {
  start();
  auto c = connect();
  auto ex = begin_stream(*c);
  ASSERT_NE(ex, nullptr);
  ex->write(json{{"index", 1}});
  ex->finish();
  auto r = c->read();
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.header("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(r.body, "{\"index\":0}\n{\"index\":1}\n");
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
}

TEST_F(connection_work_test, sends_events_to_clients_that_ask_for_them) {
  start();
  auto c = connect();
  auto ex = begin_stream(*c, "/app", "Accept: text/event-stream\r\n");
  ASSERT_NE(ex, nullptr);
  ex->finish();
  auto r = c->read();
  EXPECT_EQ(r.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(r.body, "data: {\"index\":0}\n\n");
}

TEST_F(connection_work_test, ends_a_stream_to_an_old_client_by_closing) {
  auto [c, ex] =
    begin_request("GET /app HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ex->write(json{1});
  ex->finish();
  auto r = c->read();
  EXPECT_TRUE(r.closes());
  EXPECT_FALSE(r.has("Transfer-Encoding"));
  EXPECT_EQ(c->read().status, 0);
}

TEST_F(connection_work_test, tells_a_failure_of_a_stream_and_cuts_it_off) {
  start();
  auto c = connect();
  auto ex = begin_stream(*c);
  ASSERT_NE(ex, nullptr);
  ex->fail(make_failure(errc::internal));
  auto r = c->read();
  EXPECT_FALSE(r.complete);
  EXPECT_EQ(r.body, "{\"index\":0}\n{\"detail\":\"Internal server error\"}\n");
}

TEST_F(connection_work_test, ends_an_event_stream_that_fails_with_its_record) {
  start();
  auto c = connect();
  auto ex = begin_stream(*c, "/app", "Accept: text/event-stream\r\n");
  ASSERT_NE(ex, nullptr);
  ex->fail(make_failure(errc::internal));
  auto r = c->read();
  EXPECT_TRUE(r.complete) << "a reader of a cut body loses the record";
  EXPECT_EQ(r.body, "data: {\"index\":0}\n\nevent: error\n"
                    "data: {\"detail\":\"Internal server error\"}\n\n");
  EXPECT_TRUE(c->closed());
}

TEST_F(connection_work_test, judges_a_stream_by_what_its_head_said) {
  start();
  // Text, whatever the client would have liked, has no record of an error.
  auto c = connect();
  c->send(post("/app", "{}", "Accept: text/event-stream\r\n"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  ex->write(payload{"text", "text/plain"});
  ex->fail(make_failure(errc::internal));
  EXPECT_FALSE(c->read().complete);
  // Events that the owner made itself have one.
  auto other = connect();
  other->send(post("/app", "{}"));
  ex = app.next();
  ASSERT_NE(ex, nullptr);
  ex->write(payload{"data: 1\n\n", "text/event-stream; charset=utf-8"});
  ex->fail(make_failure(errc::internal));
  auto r = other->read();
  EXPECT_TRUE(r.complete);
  EXPECT_TRUE(r.body.starts_with("data: 1\n\nevent: error\ndata: ")) << r.body;
}

TEST_F(connection_work_test,
       answers_a_stream_that_fails_first_with_its_status) {
  auto [c, ex] = begin_request(post("/app", "{}"));
  ex->fail(make_failure(errc::unprocessable));
  EXPECT_EQ(c->read().status, 422);
}

TEST_F(connection_work_test, answers_500_for_an_exchange_that_was_forgotten) {
  start();
  auto c = connect();
  c->send(post("/app", "{}"));
  ASSERT_NE(app.next(), nullptr);
  EXPECT_EQ(c->read().status, 500);
}

TEST_F(connection_work_test, holds_a_producer_while_the_client_does_not_read) {
  start();
  auto c = connect();
  c->send(post("/app", "{}"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  constexpr std::size_t items = 400;
  const std::string item(64UL * 1024, 'x');
  std::atomic<std::size_t> written{0};
  std::thread producer{[&] {
    while (written < items
           && ex->write(payload{item, "text/plain"}) != flow::cancelled)
      ++written;
    ex->finish();
  }};
  auto r = c->read();
  producer.join();
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.body.size(), items * item.size());
}

TEST_F(connection_work_test, gives_up_a_client_that_takes_nothing) {
  shared->options.limits.write_timeout = std::chrono::milliseconds{50};
  start();
  auto c = connect();
  c->send(post("/app", "{}"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  std::thread producer{[&] {
    const std::string item(256UL * 1024, 'x');
    for (int i = 0; i < 1000; ++i)
      if (ex->write(payload{item, "text/plain"}) == flow::cancelled)
        return;
    ADD_FAILURE() << "256 MB went nowhere";
  }};
  producer.join();
  EXPECT_TRUE(wait_for_connections(0));
}

// -- deadlines ----------------------------------------------------------------

TEST_F(connection_work_test, answers_504_at_the_deadline) {
  auto [c, ex] = begin_request(post("/brief", "{}"));
  EXPECT_LT(ex->time.due(), deadline_clock::now() + std::chrono::seconds{1});
  auto r = c->read();
  EXPECT_GE(deadline_clock::now(), ex->time.due());
  EXPECT_EQ(r.status, 504);
  EXPECT_FALSE(r.closes());
  EXPECT_TRUE(ex->cancelled());
  EXPECT_FALSE(ex->finish(text_reply("late")));
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
  EXPECT_EQ(shared->board->traffic.cancelled.load(), 1U);
}

TEST_F(connection_work_test, tells_the_owner_to_drop_what_has_expired) {
  start();
  auto c = connect();
  c->send(post("/brief", "{}"));
  EXPECT_EQ(c->read().status, 504);
  EXPECT_TRUE(app.wait_for_sweeps(1));
}

TEST_F(connection_work_test, lets_the_client_lower_the_deadline_only) {
  start();
  auto c = connect();
  c->send(post("/app", "{}", "X-Request-Timeout: 0.02\r\n"));
  EXPECT_EQ(c->read().status, 504);
  auto begin = deadline_clock::now();
  c->send(post("/brief", "{}", "X-Request-Timeout: 100\r\n"));
  EXPECT_EQ(c->read().status, 504);
  EXPECT_LT(deadline_clock::now(), begin + std::chrono::seconds{9});
  EXPECT_EQ(c->ask(post("/app", "{}", "X-Request-Timeout: -1\r\n")).status,
            400);
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
}

TEST_F(connection_work_test, tells_a_stream_of_its_deadline_and_cuts_it_off) {
  auto [c, ex] =
    begin_request(post("/app", "{}", "X-Request-Timeout: 0.05\r\n"));
  ex->write(json{{"index", 0}});
  auto r = c->read();
  EXPECT_FALSE(r.complete);
  EXPECT_EQ(r.body, "{\"index\":0}\n{\"detail\":\"Request timed out\"}\n");
  EXPECT_TRUE(ex->cancelled());
  EXPECT_EQ(ex->write(json{1}), flow::cancelled);
}

TEST_F(connection_work_test, ends_a_stream_that_begins_at_its_deadline) {
  start();
  auto first = connect();
  auto second = connect();
  const auto brief = post("/app", "{}", "X-Request-Timeout: 0.02\r\n");
  first->send(brief);
  auto one = app.next();
  ASSERT_NE(one, nullptr);
  second->send(brief);
  auto other = app.next();
  ASSERT_NE(other, nullptr);
  // Both deadlines pass while the thread is busy. When the first fires, the
  // producer of the second sends its first item.
  auto writes = true;
  app.on_sweep = [&] {
    if (std::exchange(writes, false))
      std::thread{[&] {
        for (const auto& ex : {one, other})
          if (!ex->cancelled())
            ex->write(json{{"index", 0}});
      }}.join();
  };
  on_thread([&] {
    while (deadline_clock::now() < other->time.due() + timer_wheel::granule) {
    }
  });
  EXPECT_EQ(first->read().status, 504);
  // The item or the failure, but an end.
  static_cast<void>(second->read());
  EXPECT_TRUE(wait_cancelled(other));
  one = other = nullptr;
  second->close();
  EXPECT_TRUE(wait_for_connections(1));
  on_thread([] {});
  EXPECT_EQ(io->in_flight(), 0U);
}

// -- clients that leave -------------------------------------------------------

TEST_F(connection_work_test, cancels_the_work_of_a_client_that_left) {
  auto [c, ex] = begin_request(post("/app", "{}"));
  c->close();
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_TRUE(app.wait_for_sweeps(1));
  EXPECT_TRUE(wait_for_connections(0));
  on_thread([] {});
  EXPECT_EQ(io->in_flight(), 0U);
  EXPECT_EQ(shared->board->traffic.cancelled.load(), 1U);
}

TEST_F(connection_work_test, takes_the_end_of_sending_for_leaving) {
  auto [c, ex] = begin_request(post("/app", "{}"));
  c->end_sending();
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_TRUE(c->closed());
}

TEST_F(connection_work_test,
       answers_a_client_that_only_ended_sending_if_told_to) {
  shared->options.on_half_close = half_close::answer;
  auto [c, ex] = begin_request(post("/app", "{}"));
  c->end_sending();
  on_thread([] {});
  on_thread([] {});
  ex->finish(text_reply("answer"));
  auto r = c->read();
  EXPECT_EQ(r.body, "answer");
  EXPECT_TRUE(c->closed());
}

TEST_F(connection_work_test, cancels_a_stream_whose_client_left) {
  start();
  auto c = connect();
  auto ex = begin_stream(*c);
  ASSERT_NE(ex, nullptr);
  EXPECT_EQ(c->read(true).status, 200);
  c->close();
  // Without another write.
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_EQ(ex->write(json{1}), flow::cancelled);
  EXPECT_TRUE(wait_for_connections(0));
}

TEST_F(connection_work_test, ends_with_its_thread_and_leaves_nothing) {
  start();
  auto c = connect();
  EXPECT_EQ(c->ask(get("/")).status, 200);
  boost::asio::post(io->context(), [t = io.get()] { t->close_all(); });
  io->stop();
  std::weak_ptr<io_thread> left = io;
  io = nullptr;
  EXPECT_TRUE(left.expired());
  EXPECT_TRUE(c->closed());
}

} // namespace

} // namespace troupe
