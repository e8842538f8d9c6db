// Limits of the parts of a request, heart-beats, slow readers.
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds brief{40};
constexpr milliseconds ample{20'000};
constexpr auto timed_out = "{\"detail\":\"Request timed out\"}";

class session_time_test : public front_fixture {
public:
  exchange_ptr ask(client& c, std::string_view fields = "") {
    c.send(post("/app", "{}", fields));
    return app.next();
  }

  static constexpr auto events = "Accept: text/event-stream\r\n";
};

TEST_F(session_time_test, answers_504_at_the_queues_limit) {
  limits = {brief, ample, ample};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  auto r = c->read();
  EXPECT_EQ(r.status, 504);
  EXPECT_EQ(r.body, timed_out);
  EXPECT_GE(deadline_clock::now(), ex->created + brief);
  EXPECT_TRUE(wait_cancelled(ex));
  EXPECT_TRUE(app.wait_for_sweeps(1));
}

TEST_F(session_time_test, forgets_the_queues_limit_once_a_worker_has_it) {
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

TEST_F(session_time_test, answers_504_while_the_worker_still_runs) {
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

TEST_F(session_time_test, counts_the_execution_from_its_start) {
  limits = {milliseconds{0}, 3 * brief, milliseconds{0}};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  while (deadline_clock::now() < ex->created + 4 * brief)
    std::this_thread::yield();
  EXPECT_FALSE(ex->cancelled()) << "it only waited";
  auto begin = deadline_clock::now();
  ex->start(begin);
  EXPECT_EQ(c->read().status, 504);
  EXPECT_GE(deadline_clock::now(), begin + 3 * brief);
}

TEST_F(session_time_test, cuts_off_a_stream_that_falls_silent) {
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

TEST_F(session_time_test, lets_a_stream_go_on_that_is_not_silent) {
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

TEST_F(session_time_test, follows_the_model_that_a_spec_handed_it_to) {
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

TEST_F(session_time_test, sweeps_the_models_pool_when_the_client_leaves) {
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

TEST_F(session_time_test, keeps_a_silent_event_stream_alive) {
  heartbeat = milliseconds{10};
  start();
  auto c = connect();
  auto ex = ask(*c, events);
  ASSERT_NE(ex, nullptr);
  // The status is open before the first item.
  auto begin = deadline_clock::now();
  while (deadline_clock::now() < begin + 5 * heartbeat)
    std::this_thread::yield();
  ex->write(json{{"index", 0}});
  begin = deadline_clock::now();
  while (deadline_clock::now() < begin + 5 * heartbeat)
    std::this_thread::yield();
  ex->write(json{{"index", 1}});
  ex->finish();
  auto r = c->read();
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.body.find("data: {\"index\":0}\n\n:\n\n"), 0U) << r.body;
  EXPECT_TRUE(r.body.ends_with(":\n\ndata: {\"index\":1}\n\n")) << r.body;
}

TEST_F(session_time_test, sends_no_comment_among_lines) {
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

TEST_F(session_time_test, still_fails_a_stream_that_only_heart_beats) {
  heartbeat = milliseconds{10};
  limits.stream_idle = 3 * brief;
  start();
  auto c = connect();
  auto ex = ask(*c, events);
  ASSERT_NE(ex, nullptr);
  ex->start(deadline_clock::now());
  ex->write(json{1});
  auto r = c->read();
  EXPECT_FALSE(r.complete);
  EXPECT_NE(r.body.find("\n\n:\n\n"), std::string::npos) << r.body;
  EXPECT_NE(r.body.find("event: error\n"), std::string::npos) << r.body;
}

// -- slow readers -------------------------------------------------------------

TEST_F(session_time_test, tells_a_loop_that_must_not_wait_of_a_slow_reader) {
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

TEST_F(session_time_test, holds_a_trickling_reader_to_the_deadline) {
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

TEST_F(session_time_test, does_not_blame_a_model_for_a_slow_reader) {
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
