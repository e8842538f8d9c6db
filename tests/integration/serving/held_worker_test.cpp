// Readers who take nothing of a stream, or hardly anything, hold what makes it
// for a while and no longer; others are served then.
#include "troupe/tests/integration/openai_fixture.hpp"
#include "troupe/tests/integration/served.hpp"

#include <atomic>
#include <future>
#include <memory>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// More than any socket holds.
constexpr auto long_stream = R"({"count":3000000,"interval_ms":0})";
constexpr auto short_stream = R"({"count":2,"interval_ms":0})";

/// Less than the time for which a reader may take nothing by default.
constexpr auto in_time = 15s;

/// Asks for a stream of which it takes nothing.
http_client slow_reader(std::uint16_t port, std::string_view path,
                        const std::string& body) {
  http_client result{port};
  result.send(
    request_text("POST", path, body, {{"Content-Type", "application/json"}}));
  http_response head;
  EXPECT_TRUE(result.read_head(head));
  EXPECT_EQ(head.status, 200);
  return result;
}

/// Items for its reader, for ever.
struct endless : model {
  void process(std::span<const exchange_ptr> batch) override {
    for (const auto& ex : batch)
      while (ex->write(json(std::string(1024, 'x'))) != flow::cancelled) {
      }
  }
};

/// As many KiB as it is asked for, for each; 0 is without end.
struct kibibytes {
  void predict(std::span<const int> wanted,
               std::span<stream<std::string>> outs) {
    std::vector<int> left{wanted.begin(), wanted.end()};
    for (auto live = outs.size(); live > 0;) {
      live = 0;
      for (std::size_t i = 0; i < outs.size(); ++i) {
        if (outs[i].done())
          continue;
        outs[i].write(std::string(1024, 'x'));
        if (--left[i] == 0)
          outs[i].finish();
        ++live;
      }
    }
  }
};

/// One at a time, without end.
struct one_seat {
  struct state {};

  [[nodiscard]] std::size_t capacity() const {
    return 1;
  }

  state admit(const bool&) {
    return {};
  }

  void step(std::span<sequence<state, std::string>> live) {
    for (auto& x : live)
      x.write(std::string(1024, 'x'));
  }
};

model_options brief(std::string name, std::string path) {
  auto result = named(std::move(name), std::move(path));
  result.limits.slow_reader = 200ms;
  return result;
}

} // namespace

TEST(held_worker, is_free_again_soon_by_default) {
  served server{R"({ "models": [
    { "name": "s", "type": "stream", "predict": "/s", "workers": 2 }] })"};
  auto one = slow_reader(server.port, "/s", long_stream);
  auto two = slow_reader(server.port, "/s", long_stream);
  auto begin = steady_clock::now();
  EXPECT_EQ(server.post("/s", short_stream).status, 200);
  EXPECT_LT(steady_clock::now() - begin, in_time);
}

TEST(held_worker, is_free_again_although_its_reader_takes_a_byte_now_and_then) {
  served server{R"({ "models": [
    { "name": "s", "type": "stream", "predict": "/s", "workers": 2,
      "slow_reader_timeout_ms": 300 }] })"};
  auto one = slow_reader(server.port, "/s", long_stream);
  auto two = slow_reader(server.port, "/s", long_stream);
  auto third = std::async(
    std::launch::async, [&] { return server.post("/s", short_stream).status; });
  auto end = steady_clock::now() + in_time;
  while (third.wait_for(20ms) == std::future_status::timeout
         && steady_clock::now() < end) {
    one.skip(10);
    two.skip(10);
  }
  ASSERT_EQ(third.wait_for(0ms), std::future_status::ready);
  EXPECT_EQ(third.get(), 200);
}

TEST(held_worker, goes_on_for_a_reader_who_keeps_up) {
  served server{R"({ "models": [
    { "name": "s", "type": "stream", "predict": "/s",
      "slow_reader_timeout_ms": 500 }] })"};
  auto r = server.post("/s", R"({"count":200000,"interval_ms":0})");
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(count(r.body, "\n"), 200'000U);
}

TEST(held_worker, is_no_worker_of_the_other_members_of_a_batch) {
  quiet_server server;
  auto options = brief("kib", "/kib");
  // A second for each member: the quick one may have to wait for its CPU.
  options.limits.slow_reader = 10s;
  options.batch.max_size = 2;
  options.batch.max_delay = 10s;
  server.add<kibibytes>(options);
  ASSERT_TRUE(server.starts());
  http_client slow{server.port()};
  slow.send(request_text("POST", "/kib", "0"));
  // Far more than is buffered anywhere.
  auto quick = server.post_to("/kib", "20000");
  EXPECT_TRUE(quick.complete);
  EXPECT_GT(quick.body.size(), 20'000U * 1024);
  // A full batch, for what it is asked.
  auto both = std::async(std::launch::async,
                         [&] { return server.post_to("/kib", "1").complete; });
  EXPECT_TRUE(server.post_to("/kib", "1").complete);
  EXPECT_TRUE(both.get());
}

TEST(held_worker, is_no_io_thread) {
  auto options = test_options();
  options.limits.memory_budget_bytes = 16UL * 1024 * 1024;
  quiet_server server{options};
  model_definition inlined;
  inlined.options = brief("endless", "/endless");
  inlined.options.execution = execution_mode::inlined;
  inlined.make = [](const worker_slot&) { return std::make_unique<endless>(); };
  server.add(std::move(inlined));
  ASSERT_TRUE(server.starts());
  http_client slow{server.port()};
  slow.send(request_text("POST", "/endless", "true"));
  EXPECT_EQ(server.fetch("/livez").status, 200);
}

TEST(held_worker, is_no_place_in_continuous_batching) {
  quiet_server server;
  server.add<one_seat>(brief("seat", "/seat"));
  ASSERT_TRUE(server.starts());
  auto slow = slow_reader(server.port(), "/seat", "true");
  // The second one gets a first item, which needs the only place.
  auto second = slow_reader(server.port(), "/seat", "true");
  EXPECT_TRUE(second.readable(in_time));
}

TEST(held_worker, is_free_again_when_a_chat_is_read_too_slowly) {
  quiet_server server;
  auto options = brief("scripted", "/scripted");
  auto seen = std::make_shared<openai::probe>();
  server.add<openai::scripted>(options, seen);
  openai_options chat;
  chat.model = "scripted";
  server.add(std::make_shared<openai_spec>(chat));
  ASSERT_TRUE(server.starts());
  auto script = [](const char* steps) {
    return json{{"model", "scripted"},
                {"stream", true},
                {"messages", {{{"role", "user"}, {"content", steps}}}}}
      .dump();
  };
  auto slow =
    slow_reader(server.port(), openai::chat_path, script(R"([{"endless":1}])"));
  EXPECT_EQ(
    openai::post_json(server, openai::chat_path, script(R"(["a"])")).status,
    200);
  EXPECT_TRUE(eventually([&] { return seen->cancelled == 1; }));
}

} // namespace troupe
