#include "troupe/models/process/worker_host.hpp"
#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/tests/models/process/channel_pair.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace troupe {

namespace {

struct hosted_square {
  double predict(double x, context& ctx) {
    if (x < 0)
      throw http_error(418, "negative");
    if (x == 13)
      throw worker_fatal("thirteen");
    ctx.log("x", x);
    return x * x;
  }

  bool health() {
    return true;
  }
};

struct hosted_batch {
  std::vector<std::size_t> predict(std::span<const int> xs) {
    return std::vector<std::size_t>(xs.size(), xs.size());
  }
};

/// Counts until nobody wants more.
struct hosted_stream {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n && out.write(i); ++i) {
    }
  }
};

struct hosted_wait {
  int predict(int x, context& ctx) {
    ctx.log("begun", true);
    while (!ctx.cancelled())
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return x;
  }
};

/// Counts to n, one step for all members at a time.
struct hosted_counter {
  struct state {
    int last;
    int now = 0;
  };

  std::size_t capacity() const {
    return 4;
  }

  state admit(int n) {
    return {n};
  }

  void step(std::span<sequence<state, int>> live) {
    for (auto& x : live)
      if (++x->now == x->last)
        x.finish(x->now);
      else
        x.write(x->now);
  }
};

struct hosted_failure {
  void setup() {
    throw std::runtime_error("no such weights");
  }

  int predict(int x) {
    return x;
  }
};

/// A worker on a thread; the test is its server.
class hosted {
public:
  template <class Model>
  static hosted of() {
    return hosted{[](const worker::start_message& x) {
      model_options options;
      options.name = x.model;
      options.batch.max_size = x.batch_max_size;
      return make_model<Model>(std::move(options));
    }};
  }

  hosted(const hosted&) = delete;
  hosted& operator=(const hosted&) = delete;

  ~hosted() {
    ::shutdown(pair.here.fd(), SHUT_RDWR);
    thread_.join();
  }

  std::optional<worker::incoming_frame> start() {
    worker::start_message x;
    x.model = "m";
    x.batch_max_size = 8;
    pair.here.send(to_frame(x));
    return next_frame(pair.here);
  }

  void call(std::uint64_t id, const std::string& body) {
    request r;
    r.body = body;
    r.headers.add("Content-Type", "application/json");
    worker::call_frame frame;
    frame.add(id, r, "r", std::nullopt, true);
    pair.here.send(frame.close());
  }

  /// The next frame that is no log.
  worker::incoming_frame next() {
    for (;;) {
      auto frame = next_frame(pair.here);
      if (!frame)
        throw std::runtime_error("the worker has ended");
      if (frame->type() != "log")
        return std::move(*frame);
    }
  }

  /// The body of an answer, or its status when it is an error.
  std::string answer() {
    auto frame = next();
    std::string log;
    if (frame.type() == "fail")
      return std::to_string(read_failure(frame, log).effective_status());
    return frame.type() + ' '
           + read_payload(frame, worker::json_form::text).take_text();
  }

  int code() {
    ::shutdown(pair.here.fd(), SHUT_RDWR);
    while (code_ < 0)
      std::this_thread::yield();
    return code_;
  }

  channel_pair pair;

private:
  explicit hosted(hosted_model make)
    : thread_([this, make = std::move(make)] {
        code_ = host_worker(pair.there, make);
      }) {
    // nop
  }

  std::atomic<int> code_{-1};
  std::thread thread_;
};

} // namespace

TEST(worker_host, says_hello_and_answers) {
  auto worker = hosted::of<hosted_square>();
  auto first = worker.start();
  ASSERT_TRUE(first);
  auto hello = read_hello(*first);
  EXPECT_EQ(hello.loop, "single");
  EXPECT_EQ(hello.capacity, 1U);
  EXPECT_TRUE(hello.has_health);
  worker.call(1, "3");
  EXPECT_EQ(worker.answer(), "finish 9.0");
  worker.call(2, "-1");
  EXPECT_EQ(worker.answer(), "418");
  worker.call(3, "{");
  EXPECT_EQ(worker.answer(), "400");
  worker.pair.here.send(plain_frame("health"));
  EXPECT_EQ(worker.next().header()["healthy"], true);
  worker.pair.here.send(plain_frame("stop"));
  EXPECT_EQ(worker.code(), 0);
}

TEST(worker_host, sends_what_hooks_log) {
  auto worker = hosted::of<hosted_square>();
  worker.start();
  worker.call(1, "3");
  auto log = next_frame(worker.pair.here);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->type(), "log");
  EXPECT_EQ(log->header()["key"], "x");
  EXPECT_EQ(log->header()["value"], 3.0);
}

TEST(worker_host, runs_calls_of_one_frame_as_a_batch) {
  auto worker = hosted::of<hosted_batch>();
  EXPECT_TRUE(read_hello(*worker.start()).batched);
  request r;
  r.body = "1";
  worker::call_frame frame;
  for (std::uint64_t id = 1; id <= 3; ++id)
    frame.add(id, r, "", std::nullopt, true);
  worker.pair.here.send(frame.close());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(worker.answer(), "finish 3");
}

TEST(worker_host, sends_no_item_without_credit) {
  auto worker = hosted::of<hosted_stream>();
  worker.start();
  worker.call(1, "40");
  for (std::uint64_t i = 0; i < worker::initial_credit; ++i)
    EXPECT_EQ(worker.answer(), "item " + std::to_string(i));
  // The next frame answers this one, and is no item.
  EXPECT_FALSE(
    wait_readable(worker.pair.here.fd(), -1, std::chrono::milliseconds{20}));
  worker::outgoing_frame credit{"credit"};
  credit.number("id", 1).number("items", 100);
  credit.close();
  worker.pair.here.send(credit);
  for (auto i = worker::initial_credit; i < 40; ++i)
    EXPECT_EQ(worker.answer(), "item " + std::to_string(i));
  EXPECT_EQ(worker.answer(), "finish ");
}

TEST(worker_host, tells_a_running_model_that_it_is_cancelled) {
  auto worker = hosted::of<hosted_wait>();
  worker.start();
  worker.call(1, "1");
  EXPECT_EQ(next_frame(worker.pair.here)->type(), "log") << "it has begun";
  worker.pair.here.send(plain_frame("cancel", 99));
  worker.pair.here.send(plain_frame("cancel", 1));
  EXPECT_EQ(worker.answer(), "finish 1");
  worker.pair.here.send(plain_frame("stop"));
  EXPECT_EQ(worker.code(), 0);
}

TEST(worker_host, batches_continuously) {
  auto worker = hosted::of<hosted_counter>();
  auto hello = read_hello(*worker.start());
  EXPECT_EQ(hello.loop, "continuous");
  EXPECT_EQ(hello.capacity, 4U);
  for (std::uint64_t id = 1; id <= 4; ++id)
    worker.call(id, std::to_string(id * 2));
  int items = 0;
  int ends = 0;
  while (ends < 4) {
    auto frame = worker.next();
    items += frame.type() == "item" ? 1 : 0;
    ends += frame.type() == "finish" ? 1 : 0;
  }
  EXPECT_EQ(items, 2 + 4 + 6 + 8);
}

TEST(worker_host, says_why_the_model_cannot_be_set_up) {
  auto worker = hosted::of<hosted_failure>();
  auto first = worker.start();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type(), "fatal");
  EXPECT_EQ(first->header()["text"], "no such weights");
  EXPECT_EQ(worker.code(), 1);
}

TEST(worker_host, leaves_the_call_of_a_broken_model_to_the_server) {
  auto worker = hosted::of<hosted_square>();
  worker.start();
  worker.call(1, "13");
  auto frame = worker.next();
  EXPECT_EQ(frame.type(), "fatal");
  EXPECT_EQ(frame.header()["text"], "thirteen");
  EXPECT_EQ(worker.code(), 1);
}

TEST(worker_host, ends_when_the_server_is_gone_or_talks_nonsense) {
  auto silent = hosted::of<hosted_square>();
  EXPECT_EQ(silent.code(), 0);
  auto confused = hosted::of<hosted_square>();
  confused.pair.here.send(plain_frame("nonsense"));
  EXPECT_EQ(next_frame(confused.pair.here)->type(), "fatal");
  EXPECT_EQ(confused.code(), 1);
}

} // namespace troupe
