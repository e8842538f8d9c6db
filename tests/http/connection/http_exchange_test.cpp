#include "troupe/http/connection/http_exchange.hpp"
#include "troupe/tests/http/front_fixture.hpp"

#include <future>
#include <thread>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto too_slow = R"({"detail":"The items of the stream were taken )"
                          R"(too slowly"})";

/// More than a test waits for.
constexpr auto ages = 60s;

class http_exchange_test : public front_fixture {
protected:
  http_exchange_test() {
    limits.slow_reader = 100ms;
    shared->options.limits.stream_backlog_bytes = 0;
  }

  exchange_ptr ask(http_client& c, std::string_view fields = "") {
    c.send(post("/app", "[1]", fields));
    return app.next();
  }

  flow write(exchange& ex) const {
    return ex.write(payload{item, "text/plain"});
  }

  /// Writes until nobody reads any more.
  bool write_until_cancelled(exchange& ex) const {
    auto end = deadline_clock::now() + ages;
    while (deadline_clock::now() < end)
      if (write(ex) == flow::cancelled)
        return true;
    return false;
  }

  const std::string item = std::string(64UL * 1024, 'x');
};

TEST_F(http_exchange_test, sends_events_beside_items) {
  start();
  auto c = connect();
  auto ex = ask(*c, "Accept: text/event-stream\r\n");
  ASSERT_NE(ex, nullptr);
  EXPECT_EQ(ex->write_events("data: 1\n\n"), flow::ok);
  EXPECT_EQ(ex->write(payload{json(2)}), flow::ok);
  EXPECT_EQ(ex->write(payload{"3", "text/plain"}), flow::ok);
  EXPECT_EQ(ex->write_events("data: 4\n\ndata: 5\n\n"), flow::ok);
  EXPECT_EQ(ex->write_events(""), flow::ok) << "no chunk: it would be the last";
  ex->finish();
  EXPECT_EQ(ex->write_events("data: late\n\n"), flow::cancelled);
  auto r = c->read();
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(r.body, "data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\ndata: 5\n\n");
}

TEST_F(http_exchange_test, keeps_no_memory_of_an_item_for_the_next) {
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  EXPECT_NE(ex->write(payload{json(item)}), flow::cancelled);
  EXPECT_NE(ex->write(payload{json("small")}), flow::cancelled);
  ex->finish();
  EXPECT_EQ(c->read().body, '"' + item + "\"\n\"small\"\n");
}

TEST_F(http_exchange_test, lets_no_reader_hold_its_producer_for_long) {
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  EXPECT_TRUE(write_until_cancelled(*ex));
  EXPECT_TRUE(ex->cancelled());
  EXPECT_TRUE(ex->ended());
  auto r = c->read();
  EXPECT_FALSE(r.complete);
  EXPECT_TRUE(r.body.ends_with(std::string{too_slow} + '\n'));
}

TEST_F(http_exchange_test, tells_a_slow_reader_of_events_by_a_record) {
  start();
  auto c = connect();
  auto ex = ask(*c, "Accept: text/event-stream\r\n");
  ASSERT_NE(ex, nullptr);
  auto end = deadline_clock::now() + ages;
  while (ex->write(payload{json(item)}) != flow::cancelled
         && deadline_clock::now() < end) {
  }
  auto r = c->read();
  EXPECT_TRUE(r.complete);
  EXPECT_TRUE(
    r.body.ends_with("event: error\ndata: " + std::string{too_slow} + "\n\n"));
}

TEST_F(http_exchange_test, counts_the_waits_for_a_trickling_reader_together) {
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  auto producer =
    std::async(std::launch::async, [&] { return write_until_cancelled(*ex); });
  // Takes a piece now and then, well within each wait.
  while (producer.wait_for(20ms) == std::future_status::timeout)
    c->receive(1'000);
  EXPECT_TRUE(producer.get());
}

TEST_F(http_exchange_test, waits_for_a_reader_that_keeps_the_pace) {
  limits.slow_reader = 1'500ms;
  shared->options.limits.min_stream_bytes_per_second = 1'000;
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  // More than the sockets hold.
  constexpr std::size_t items = 800;
  auto producer = std::async(std::launch::async, [&] {
    for (std::size_t i = 0; i < items; ++i)
      if (write(*ex) == flow::cancelled)
        return i;
    ex->finish();
    return items;
  });
  // All waits together are longer than the limit, none of them is by far. Each
  // piece earns more than an hour.
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(producer.wait_for(500ms), std::future_status::timeout);
    c->receive(4UL * 1024 * 1024);
  }
  auto r = c->read();
  EXPECT_EQ(producer.get(), items);
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.body.size(), items * item.size());
}

TEST_F(http_exchange_test, hurries_the_rest_of_a_reader_that_was_too_slow) {
  shared->options.limits.write_timeout = 300ms;
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  EXPECT_TRUE(write_until_cancelled(*ex));
  // Something now and then is not enough any more.
  auto end = deadline_clock::now() + ages;
  while (io->connections() > 0 && deadline_clock::now() < end) {
    on_thread([] {});
    c->receive(1);
  }
  EXPECT_EQ(io->connections(), 0U);
}

TEST_F(http_exchange_test, holds_company_up_for_the_shorter) {
  limits.slow_reader = std::chrono::milliseconds{ages};
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->company = 2;
  auto begin = deadline_clock::now();
  EXPECT_TRUE(write_until_cancelled(*ex));
  EXPECT_LT(deadline_clock::now() - begin, ages / 2);
}

TEST_F(http_exchange_test, ends_who_was_behind_for_too_long_when_asked_to) {
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->waits = false;
  EXPECT_FALSE(ex->end_if_too_slow()) << "nothing was sent";
  while (!ex->congested() && write(*ex) != flow::cancelled)
    on_thread([] {});
  auto end = deadline_clock::now() + ages;
  while (!ex->end_if_too_slow() && deadline_clock::now() < end)
    std::this_thread::yield();
  EXPECT_TRUE(ex->cancelled());
  EXPECT_TRUE(c->read().body.ends_with(std::string{too_slow} + '\n'));
}

TEST_F(http_exchange_test, keeps_no_more_than_is_to_spare_for_who_cannot_wait) {
  shared->bodies = std::make_shared<body_budget>(8UL * 1024 * 1024);
  start();
  auto c = connect();
  auto ex = ask(*c);
  ASSERT_NE(ex, nullptr);
  ex->waits = false;
  EXPECT_TRUE(write_until_cancelled(*ex));
  EXPECT_LE(shared->bodies->used(), shared->bodies->limit() / 2);
  EXPECT_TRUE(c->read().body.ends_with(std::string{too_slow} + '\n'));
  ex = nullptr;
  on_thread([] {});
  EXPECT_EQ(shared->bodies->used(), 0U);
}

} // namespace

} // namespace troupe
