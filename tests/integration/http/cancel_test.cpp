// Limits in time, clients that leave, clients that read slowly.
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/integration/served.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What the models of a test saw.
struct sightings {
  std::atomic<int> begun{0};
  std::atomic<int> stopped{0};
};

using sightings_ptr = std::shared_ptr<sightings>;

void wait_until_cancelled(context& ctx, sightings& seen) {
  ++seen.begun;
  while (!ctx.cancelled())
    std::this_thread::sleep_for(milliseconds{1});
  ++seen.stopped;
}

/// Answers nothing until its client leaves; echoes `false`.
struct patient {
  explicit patient(sightings_ptr x) : seen(std::move(x)) {
    // nop
  }

  int predict(const bool& hold, context& ctx) {
    if (hold)
      wait_until_cancelled(ctx, *seen);
    return 0;
  }

  sightings_ptr seen;
};

/// As `patient`, with a first item.
struct patient_stream {
  explicit patient_stream(sightings_ptr x) : seen(std::move(x)) {
    // nop
  }

  void predict(const bool& hold, stream<int>& out, context& ctx) {
    out.write(0);
    if (hold)
      wait_until_cancelled(ctx, *seen);
  }

  sightings_ptr seen;
};

/// Writes for as long as anybody reads; a single item for `false`.
struct endless {
  void predict(const bool& on, stream<std::string>& out) {
    const std::string item(16UL * 1024, 'x');
    while (out.write(item) && on) {
    }
  }
};

/// Hands everything to the model `held`.
struct hold_spec : spec {
  hold_spec() : spec("hold") {
    // Has its place in the queue as soon as the request is read.
    execution = handler_execution::inlined;
    post("/through",
         [](const request&, context&) { return call_model("held", true); });
  }
};

model_options crew(std::string name, std::string path, std::size_t workers,
                   std::size_t queue) {
  auto result = named(std::move(name), std::move(path));
  result.workers = workers;
  result.queue.max_size = queue;
  return result;
}

/// Clients whose requests the server has read.
std::vector<http_client> ask_many(const server& srv, std::string_view path,
                                  std::size_t n) {
  std::vector<http_client> result;
  result.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    result.emplace_back(srv.port());
    EXPECT_EQ(result.back().get("/livez").status, 200);
  }
  for (auto& client : result)
    client.send(request_text("POST", path, "true"));
  http_client barrier{srv.port()};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(barrier.get("/livez").status, 200);
  return result;
}

void leave(std::vector<http_client>& clients, const server& srv) {
  for (auto& client : clients)
    client.close();
  http_client barrier{srv.port()};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(barrier.get("/livez").status, 200);
}

} // namespace

TEST(cancellation, of_200_clients_that_leave_starts_nothing_and_counts_all) {
  constexpr std::size_t half = 50;
  auto plain = std::make_shared<sightings>();
  auto items = std::make_shared<sightings>();
  quiet_server server;
  server.add<patient>(crew("plain", "/plain", half, half), plain);
  server.add<patient_stream>(crew("items", "/items", half, half), items);
  ASSERT_TRUE(server.starts());
  auto running = ask_many(server, "/plain", half);
  auto streaming = ask_many(server, "/items", half);
  ASSERT_TRUE(eventually(
    [&] { return plain->begun == int{half} && items->begun == int{half}; }));
  auto queued = ask_many(server, "/plain", half);
  auto queued_streams = ask_many(server, "/items", half);
  EXPECT_EQ(server.post_to("/plain", "false").status, 503) << "all is taken";
  EXPECT_EQ(server.post_to("/items", "false").status, 503);
  leave(queued, server);
  leave(queued_streams, server);
  leave(running, server);
  leave(streaming, server);
  ASSERT_TRUE(eventually([&] {
    return plain->stopped == int{half} && items->stopped == int{half};
  }));
  // Every place is free again.
  for (const auto* path : {"/plain", "/items"}) {
    ASSERT_TRUE(
      eventually([&] { return server.post_to(path, "false").status == 200; }));
    std::vector<http_client> again;
    for (std::size_t i = 0; i < 2 * half; ++i)
      again.emplace_back(server.port());
    for (auto& client : again)
      client.send(request_text("POST", path, "false"));
    for (auto& client : again)
      EXPECT_EQ(client.read().status, 200);
  }
  EXPECT_EQ(plain->begun, int{half}) << "one began for a client that had left";
  EXPECT_EQ(items->begun, int{half});
  EXPECT_EQ(server.stop().cancelled, 4 * half);
}

TEST(cancellation, reaches_what_a_spec_handed_to_a_model) {
  auto seen = std::make_shared<sightings>();
  quiet_server server;
  server.add<patient>(crew("held", "/held", 1, 1), seen);
  server.add(std::make_shared<hold_spec>());
  ASSERT_TRUE(server.starts());
  auto running = ask_many(server, "/held", 1);
  ASSERT_TRUE(eventually([&] { return seen->begun == 1; }));
  auto queued = ask_many(server, "/through", 1);
  auto probe = [&] {
    http_client client{server.port()};
    return client.post("/held", "false", {{"X-Request-Timeout", "0.02"}})
      .status;
  };
  ASSERT_TRUE(eventually([&] { return probe() == 503; }))
    << "the queue is full";
  leave(queued, server);
  // It gives its place back although no worker becomes free.
  EXPECT_TRUE(eventually([&] { return probe() == 504; }));
  EXPECT_EQ(seen->begun, 1);
  leave(running, server);
}

TEST(slow_reader, frees_the_worker_when_it_takes_nothing) {
  auto options = test_options();
  options.limits.write_timeout = milliseconds{200};
  quiet_server server{options};
  server.add<endless>(crew("endless", "/endless", 2, 10));
  ASSERT_TRUE(server.starts());
  // As many as there are workers.
  auto asleep = ask_many(server, "/endless", 2);
  auto begin = steady_clock::now();
  EXPECT_EQ(server.post_to("/endless", "false").status, 200);
  EXPECT_LT(steady_clock::now() - begin, milliseconds{20'000});
  EXPECT_EQ(server.stop().cancelled, 2U);
}

// -- limits of the parts ------------------------------------------------------

namespace {

constexpr auto limited = R"({
  "models": [
    { "name": "queue", "type": "fault", "predict": "/queue",
      "timeout_ms": false, "queue_timeout_ms": 100 },
    { "name": "execution", "type": "fault", "predict": "/execution",
      "timeout_ms": 0, "execution_timeout_ms": 100 },
    { "name": "items", "type": "fault", "predict": "/items",
      "stream_idle_timeout_ms": 100 },
    { "name": "slow", "type": "stream", "predict": "/slow",
      "heartbeat_ms": 20, "options": { "count": 2, "interval_ms": 200 } }
  ]})";

constexpr auto timed_out = "{\"detail\":\"Request timed out\"}";

} // namespace

TEST(limits, of_the_queue_end_what_no_worker_takes) {
  served server{limited};
  auto running = hold_worker(server, "/queue");
  // Would kill the worker if it ran.
  auto answer = server.post("/queue", R"({"mode":"exit"})");
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.body, timed_out);
  EXPECT_FALSE(running.readable(milliseconds{0})) << "it is past the queue";
  running.close();
  EXPECT_EQ(server.post("/queue", "{}").status, 200);
  EXPECT_EQ(server.program.err().find("died"), std::string::npos);
}

TEST(limits, of_the_execution_stop_a_worker_that_asks) {
  served server{limited};
  for (int i = 0; i < 3; ++i) {
    // Ends only when it is cancelled.
    auto answer = server.post("/execution", R"({"mode":"hang"})");
    EXPECT_EQ(answer.status, 504);
    EXPECT_EQ(answer.body, timed_out);
  }
  EXPECT_EQ(server.post("/execution", "{}").status, 200);
}

TEST(limits, of_silence_cut_a_stream_off) {
  served server{limited};
  auto client = server.connect();
  auto answer = client.post("/items", R"({"mode":"hang","after_items":1})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(answer.body, std::string{"{\"index\":0}\n"} + timed_out + '\n');
  EXPECT_TRUE(client.closed());
}

TEST(heartbeat, is_a_comment_of_its_own_on_a_silent_event_stream) {
  served server{limited};
  auto answer = server.post("/slow", "{}", {{"Accept", "text/event-stream"}});
  EXPECT_TRUE(answer.complete);
  auto rest = answer.body;
  EXPECT_EQ(rest.find("data: {\"index\":0}\n\n:\n\n"), 0U) << rest;
  EXPECT_TRUE(rest.ends_with(":\n\ndata: {\"index\":1}\n\n")) << rest;
  EXPECT_EQ(server.post("/slow", "{}").body, "{\"index\":0}\n{\"index\":1}\n");
}

} // namespace troupe
