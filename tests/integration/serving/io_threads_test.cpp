// Several I/O threads: what one of them has read it also answers.
#include "troupe/tests/integration/library.hpp"

#include <atomic>
#include <set>
#include <thread>

namespace troupe {

namespace {

std::string this_thread() {
  return std::to_string(
    std::hash<std::thread::id>{}(std::this_thread::get_id()));
}

/// Notes which thread read the request.
class note_reader : public middleware {
public:
  std::optional<reply> before(request& req) override {
    req.headers.set("X-Reader", this_thread());
    return std::nullopt;
  }
};

/// Answers which instance it is, and whether another thread runs it.
class knows_its_thread {
public:
  void setup(const worker_slot& slot) {
    worker_ = slot.index;
  }

  json predict(const json&, context& ctx) {
    return {{"worker", worker_},
            {"stayed", ctx.header("X-Reader") == this_thread()}};
  }

private:
  std::uint32_t worker_ = 0;
};

} // namespace

TEST(io_threads, an_inline_model_runs_on_the_thread_that_read) {
  auto options = test_options();
  options.io_threads = 3;
  quiet_server server{options};
  auto model = named("m");
  model.execution = execution_mode::inlined;
  server.add<knows_its_thread>(model);
  server.add_middleware(std::make_shared<note_reader>());
  auto inline_spec = std::make_shared<spec>("inline");
  inline_spec->execution = handler_execution::inlined;
  inline_spec->post("/spec", [](const request& req, context& ctx) -> outcome {
    if (ctx.header("X-Reader") != this_thread())
      throw http_error(500, "another thread");
    return call_model("m", req.json());
  });
  server.add(inline_spec);
  ASSERT_TRUE(server.starts());

  // All at once, so that the threads would meet in one POOL.
  constexpr auto clients = 24;
  constexpr auto requests = 50;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<int> workers;
  std::atomic<int> moved{0};
  for (auto i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      http_client client{server.port()};
      for (auto j = 0; j < requests; ++j) {
        auto answer = client.post(i % 2 == 0 ? "/predict" : "/spec", "1");
        auto x = json::parse(answer.body, nullptr, false);
        if (answer.status != 200 || x["stayed"] != true) {
          ++moved;
        } else {
          std::unique_lock guard{mutex};
          workers.insert(x["worker"].get<int>());
        }
      }
    });
  for (auto& t : threads)
    t.join();
  EXPECT_EQ(moved, 0);
  // An instance for each thread.
  EXPECT_EQ(workers, (std::set<int>{0, 1, 2}));
}

TEST(io_threads, a_dedicated_model_has_the_workers_that_were_asked_for) {
  auto options = test_options();
  options.io_threads = 3;
  quiet_server server{options};
  server.add<knows_its_thread>(named("m"));
  ASSERT_TRUE(server.starts());
  for (auto i = 0; i < 20; ++i)
    EXPECT_EQ(json::parse(server.post_to("/predict", "1").body)["worker"], 0);
}

} // namespace troupe
