// Limits of the parts of a request, heart-beats, slow readers.
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds brief{40};
constexpr milliseconds ample{20'000};
constexpr auto timed_out = "{\"detail\":\"Request timed out\"}";

class connection_time_test : public front_fixture {
public:
  exchange_ptr ask(http_client& c, std::string_view fields = "") {
    c.send(post("/app", "{}", fields));
    return app.next();
  }

  static constexpr auto events = "Accept: text/event-stream\r\n";
};

TEST_F(connection_time_test, answers_504_at_the_queues_limit) {
  limits = {brief, ample, ample};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  auto r = c->read();
  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(r.body, timed_out);
  EXPECT_GE(deadline_clock::now(), ex->time.created() + brief);
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_TRUE(app.wait_for_sweeps(1));
}

TEST_F(connection_time_test, forgets_the_queues_limit_once_a_worker_has_it) {
  limits = {brief, ample, milliseconds{0}};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->start(deadline_clock::now());
  auto other = connect();
  // Its own limit passes later than the first one's would have.
  EXPECT_EQ(other->ask(post("/app", "{}")).status, 504);
  EXPECT_FALSE(ex->cancelled());
  ex->finish(text_reply("done"));
  EXPECT_EQ(c->read().body, "done");
}

TEST_F(connection_time_test, answers_504_while_the_worker_still_runs) {
  limits = {ample, brief, milliseconds{0}};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  // On another thread than the connection's, as a worker's pool does.
  auto begin = deadline_clock::now();
  ex->start(begin);
  EXPECT_EQ(c->read().status, 504);
  EXPECT_GE(deadline_clock::now(), begin + brief);
  EXPECT_LT(deadline_clock::now(), begin + ample / 4);
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
}

TEST_F(connection_time_test, counts_the_execution_from_its_start) {
  limits = {milliseconds{0}, 3 * brief, milliseconds{0}};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  while (deadline_clock::now() < ex->time.created() + 4 * brief)
    std::this_thread::yield();
  EXPECT_FALSE(ex->cancelled()) << "it only waited";
  auto begin = deadline_clock::now();
  ex->start(begin);
  EXPECT_EQ(c->read().status, 504);
  EXPECT_GE(deadline_clock::now(), begin + 3 * brief);
}

TEST_F(connection_time_test, cuts_off_a_stream_that_falls_silent) {
  limits = {ample, ample, brief};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->start(deadline_clock::now());
  ex->write(json{{"index", 0}});
  auto r = c->read();
  EXPECT_FALSE(r.complete);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, std::string{"{\"index\":0}\n"} + timed_out + '\n');
  EXPECT_TRUE(wait_cancelled(ex));
}

TEST_F(connection_time_test, lets_a_stream_go_on_that_is_not_silent) {
  limits = {ample, milliseconds{0}, 5 * brief};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->start(deadline_clock::now());
  auto next = deadline_clock::now();
  for (int i = 0; i < 10; ++i) {
    ASSERT_NE(ex->write(json{{"index", i}}), flow::cancelled);
    next += brief;
    while (deadline_clock::now() < next)
      std::this_thread::yield();
  }
  ex->finish();
  EXPECT_TRUE(c->read().complete);
}

TEST_F(connection_time_test, follows_the_model_that_a_spec_handed_it_to) {
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->start(deadline_clock::now());
  std::atomic<int> sweeps{0};
  ex->hand_on({{brief, ample, ample}, ample, [&] { ++sweeps; }});
  EXPECT_EQ(c->read().status, 504);
  EXPECT_TRUE(wait_cancelled(ex));
  on_thread([] {});
  EXPECT_EQ(sweeps, 1);
}

TEST_F(connection_time_test, sweeps_the_models_pool_when_the_client_leaves) {
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  std::atomic<int> sweeps{0};
  ex->hand_on({{}, milliseconds{0}, [&] { ++sweeps; }});
  c->close();
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_TRUE(wait_for_connections(0));
  on_thread([] {});
  EXPECT_EQ(sweeps, 1);
  // What comes too late is swept at once.
  ex->hand_on({{}, milliseconds{0}, [&] { ++sweeps; }});
  on_thread([] {});
  EXPECT_EQ(sweeps, 2);
}

// -- heart-beats --------------------------------------------------------------

TEST_F(connection_time_test, keeps_a_silent_event_stream_alive) {
  heartbeat = milliseconds{10};
  start();
  auto c = connect();
  auto ex = ask(*c, events);
  ASSERT_NE(ex, nullptr);
  ex->write(json{{"index", 0}});
  auto begin = deadline_clock::now();
  while (deadline_clock::now() < begin + 5 * heartbeat)
    std::this_thread::yield();
  ex->write(json{{"index", 1}});
  ex->finish();
  auto r = c->read();
  EXPECT_TRUE(r.complete);
  EXPECT_NE(r.body.find("data: {\"index\":0}\n\n:\n\n"), std::string::npos)
    << r.body;
  EXPECT_TRUE(r.body.ends_with(":\n\ndata: {\"index\":1}\n\n")) << r.body;
}

TEST_F(connection_time_test, sends_no_comment_among_lines) {
  heartbeat = milliseconds{10};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->write(json{1});
  auto begin = deadline_clock::now();
  while (deadline_clock::now() < begin + 5 * heartbeat)
    std::this_thread::yield();
  ex->finish();
  EXPECT_EQ(c->read().body, "[1]\n");
}

TEST_F(connection_time_test, still_fails_a_stream_that_only_heart_beats) {
  heartbeat = milliseconds{10};
  limits.stream_idle = 3 * brief;
  start();
  auto c = connect();
  auto ex = ask(*c, events);
  ASSERT_NE(ex, nullptr);
  ex->start(deadline_clock::now());
  ex->write(json{1});
  auto r = c->read();
  EXPECT_TRUE(r.complete);
  EXPECT_TRUE(c->closed());
  EXPECT_NE(r.body.find("\n\n:\n\n"), std::string::npos) << r.body;
  EXPECT_NE(r.body.find("event: error\n"), std::string::npos) << r.body;
}

// -- before the first item ----------------------------------------------------

TEST_F(connection_time_test, begins_an_event_stream_that_has_no_item_yet) {
  heartbeat = milliseconds{10};
  start();
  auto c = connect();
  auto ex = ask(*c, events);
  ASSERT_NE(ex, nullptr);
  auto head = c->read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(c->read_chunk(), ":\n\n");
  EXPECT_EQ(c->read_chunk(), ":\n\n") << "it goes on";
  ex->write(json{{"index", 0}});
  ex->finish();
  std::string body;
  EXPECT_TRUE(c->read_chunks(body));
  EXPECT_TRUE(body.ends_with("data: {\"index\":0}\n\n")) << body;
  EXPECT_EQ(c->ask(get("/livez")).body, "ok") << "the connection goes on";
}

TEST_F(connection_time_test, tells_a_failure_after_that_as_an_event) {
  heartbeat = milliseconds{10};
  start();
  for (auto late : {false, true}) {
    auto c = connect();
    auto ex = ask(*c, events);
    ASSERT_NE(ex, nullptr);
    EXPECT_EQ(c->read(true).status, 200);
    EXPECT_EQ(c->read_chunk(), ":\n\n");
    if (late)
      ex->finish(text_reply("not\nfound", 404));
    else
      ex->fail(make_failure(errc::unprocessable));
    std::string body;
    EXPECT_TRUE(c->read_chunks(body));
    EXPECT_TRUE(body.ends_with(
      late ? "event: error\ndata: not\ndata: found\n\n"
           : "event: error\ndata: {\"detail\":\"Unprocessable Content\"}\n\n"))
      << body;
    EXPECT_TRUE(c->closed());
  }
}

TEST_F(connection_time_test, makes_events_of_what_comes_after_that) {
  heartbeat = milliseconds{10};
  start();
  auto c = connect();
  auto ex = ask(*c, events);
  ASSERT_NE(ex, nullptr);
  EXPECT_EQ(c->read(true).status, 200);
  EXPECT_EQ(c->read_chunk(), ":\n\n");
  ex->write(payload{"a\nb", "text/plain"});
  ex->write(payload{"id: 7\ndata: own\n\n", "text/event-stream"});
  ex->finish(json_reply({{"whole", true}}));
  std::string body;
  EXPECT_TRUE(c->read_chunks(body));
  EXPECT_TRUE(body.ends_with("data: a\ndata: b\n\nid: 7\ndata: own\n\n"
                             "data: {\"whole\":true}\n\n"))
    << body;
}

TEST_F(connection_time_test, begins_one_that_its_owner_wants) {
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->prefer_events();
  ex->hand_on({{}, milliseconds{10}, {}});
  EXPECT_EQ(c->read(true).header("Content-Type"), "text/event-stream");
  ex->finish();
}

TEST_F(connection_time_test, keeps_the_status_of_others_open) {
  heartbeat = milliseconds{10};
  start();
  for (const auto* fields :
       {"", "Accept: application/x-ndjson\r\n",
        "Accept: application/json, text/event-stream\r\n"}) {
    auto c = connect();
    auto ex = ask(*c, fields);
    ASSERT_NE(ex, nullptr);
    auto begin = deadline_clock::now();
    while (deadline_clock::now() < begin + 5 * heartbeat)
      std::this_thread::yield();
    ex->fail(make_failure(errc::unprocessable));
    EXPECT_EQ(c->read().status, 422) << fields;
  }
}

TEST_F(connection_time_test, begins_once_however_close_the_first_item_is) {
  heartbeat = milliseconds{1};
  start();
  for (int i = 0; i < 50; ++i) {
    auto c = connect();
    auto ex = ask(*c, events);
    ASSERT_NE(ex, nullptr);
    while (deadline_clock::now() < ex->time.created() + milliseconds{i % 10})
      std::this_thread::yield();
    ex->write(json{1});
    ex->finish();
    ex = nullptr;
    auto r = c->read();
    EXPECT_TRUE(r.complete);
    EXPECT_TRUE(r.body.ends_with("data: [1]\n\n")) << r.body;
    EXPECT_EQ(c->ask(get("/livez")).body, "ok");
  }
}

// -- slow readers -------------------------------------------------------------

TEST_F(connection_time_test, tells_a_loop_that_must_not_wait_of_a_slow_reader) {
  shared->options.limits.stream_buffer_bytes = 1'000;
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  EXPECT_FALSE(ex->congested());
  ex->waits = false;
  const std::string item(64UL * 1024, 'x');
  std::size_t written = 0;
  while (!ex->congested() && written < 1'000) {
    ASSERT_NE(ex->write(payload{item, "text/plain"}), flow::cancelled);
    ++written;
    on_thread([] {});
  }
  ASSERT_TRUE(ex->congested());
  EXPECT_EQ(ex->write(payload{item, "text/plain"}), flow::full);
  ex->finish();
  EXPECT_EQ(c->read().body.size(), (written + 1) * item.size());
}

TEST_F(connection_time_test, holds_a_trickling_reader_to_the_deadline) {
  start();
  auto c = connect();
  auto ex = ask(*c, "X-Request-Timeout: 0.1\r\n");
  ASSERT_NE(ex, nullptr);
  // More than the sockets hold: the reader takes nothing until the end.
  const std::string item(64UL * 1024, 'x');
  auto end = deadline_clock::now() + ample;
  while (ex->write(payload{item, "text/plain"}) != flow::cancelled
         && deadline_clock::now() < end) {
  }
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_LT(deadline_clock::now(), end);
  auto r = c->read();
  EXPECT_FALSE(r.complete);
  EXPECT_TRUE(r.body.ends_with(std::string{timed_out} + '\n'));
}

TEST_F(connection_time_test, does_not_blame_a_model_for_a_slow_reader) {
  limits.stream_idle = brief;
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->start(deadline_clock::now());
  const std::string item(64UL * 1024, 'x');
  constexpr std::size_t items = 400;
  std::atomic<std::size_t> written{0};
  std::thread producer{[&] {
    while (written < items
           && ex->write(payload{item, "text/plain"}) != flow::cancelled)
      ++written;
    ex->finish();
  }};
  // Stands still for longer than a model may be silent.
  auto end = deadline_clock::now() + 5 * brief;
  while (deadline_clock::now() < end)
    std::this_thread::yield();
  auto r = c->read();
  producer.join();
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.body.size(), items * item.size());
}

} // namespace

} // namespace troupe
