// What one client may take from the others: memory, time, turns.
#include "troupe/tests/http/front_fixture.hpp"

namespace troupe {

namespace {

using std::chrono::milliseconds;

class connection_limits_test : public front_fixture {
public:
  static std::string announce(std::string_view path, std::size_t n,
                              std::string_view fields = "") {
    return "POST " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n"
           + std::string{fields} + "Content-Length: " + std::to_string(n)
           + "\r\n\r\n";
  }

  /// Waits until bodies take that many bytes.
  bool wait_for_bodies(std::size_t bytes) {
    auto end = deadline_clock::now() + std::chrono::seconds{10};
    while (shared->bodies->used() != bytes && deadline_clock::now() < end)
      std::this_thread::yield();
    return shared->bodies->used() == bytes;
  }
};

// -- memory -------------------------------------------------------------------

TEST_F(connection_limits_test, keeps_no_body_that_nobody_reads) {
  echo();
  start();
  for (const auto* path : {"/livez", "/missing", "/keyed"}) {
    auto c = connect();
    c->send(announce(path, 60'000));
    c->send(std::string(50'000, 'x'));
    on_thread([] {});
    EXPECT_EQ(shared->bodies->used(), 0U);
    c->send(std::string(10'000, 'x') + get("/livez"));
    EXPECT_GE(c->read().status, 200);
    EXPECT_EQ(c->read().body, "ok") << path;
  }
}

TEST_F(connection_limits_test, refuses_a_large_body_of_a_built_in_at_once) {
  start();
  auto c = connect();
  auto r = c->ask("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: "
                  "67108864\r\n\r\n");
  EXPECT_EQ(r.status, 413);
  EXPECT_TRUE(r.closes());
  // Of unknown length: when it is too much.
  auto chunked = connect();
  chunked->send("GET /health HTTP/1.1\r\nHost: a\r\n"
                "Transfer-Encoding: chunked\r\n\r\n");
  auto piece = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
  for (int i = 0; i < 17; ++i)
    chunked->send(piece);
  EXPECT_EQ(chunked->read().status, 413);
}

TEST_F(connection_limits_test, answers_503_when_bodies_take_their_memory) {
  shared->bodies = std::make_shared<body_budget>(100'000);
  start();
  auto first = connect();
  first->send(announce("/app", 80'000));
  first->send(std::string(70'000, 'x'));
  ASSERT_TRUE(wait_for_bodies(70'000)) << shared->bodies->used();
  auto second = connect();
  second->send(announce("/app", 40'000));
  second->send(std::string(30'000, 'x'));
  ASSERT_TRUE(wait_for_bodies(100'000)) << "what came, not what was announced";
  second->send("x");
  auto r = second->read();
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.header("Retry-After"), "1");
  EXPECT_TRUE(r.closes());
  EXPECT_TRUE(wait_for_bodies(70'000)) << "given back";
  // Others that are small enough are served, and the first goes on.
  auto third = connect();
  third->send(post("/app", "small"));
  auto ex = app.next();
  ASSERT_NE(ex, nullptr);
  EXPECT_EQ(shared->bodies->used(), 70'005U) << "while it is in work";
  ex->finish(text_reply("done"));
  EXPECT_EQ(third->read().body, "done");
  EXPECT_EQ(shared->bodies->used(), 70'005U) << "its owner has it still";
  ex = nullptr;
  EXPECT_TRUE(wait_for_bodies(70'000));
  first->send(std::string(10'000, 'x'));
  ex = app.next();
  ASSERT_NE(ex, nullptr);
  EXPECT_EQ(shared->bodies->used(), 80'000U);
  first->close();
  EXPECT_TRUE(wait_cancelled(ex));
  ex = nullptr;
  EXPECT_TRUE(wait_for_bodies(0));
}

// -- time ---------------------------------------------------------------------

TEST_F(connection_limits_test, ends_a_body_that_only_trickles) {
  shared->options.limits.body_timeout = milliseconds{200};
  shared->options.limits.min_body_bytes_per_second = 1'000'000;
  start();
  auto c = connect();
  c->send(announce("/app", 1'000'000));
  auto begin = deadline_clock::now();
  auto end = begin + std::chrono::seconds{10};
  // A byte now and then is no progress.
  while (io->in_flight() == 0 && deadline_clock::now() < end)
    std::this_thread::yield();
  while (io->in_flight() > 0 && deadline_clock::now() < end) {
    c->send("x");
    on_thread([] {});
  }
  EXPECT_EQ(c->read().status, 408);
  EXPECT_GE(deadline_clock::now(), begin + milliseconds{200});
  EXPECT_LT(deadline_clock::now(), end);
}

TEST_F(connection_limits_test, bounds_the_arrival_of_a_whole_request) {
  shared->options.limits.min_body_bytes_per_second = 0;
  shared->options.limits.receive_timeout = milliseconds{200};
  start();
  auto c = connect();
  c->send(announce("/app", 10'000'000));
  auto end = deadline_clock::now() + std::chrono::seconds{10};
  while (io->in_flight() == 0 && deadline_clock::now() < end)
    std::this_thread::yield();
  while (io->in_flight() > 0 && deadline_clock::now() < end) {
    c->send("x");
    on_thread([] {});
  }
  EXPECT_EQ(c->read().status, 408);
  EXPECT_LT(deadline_clock::now(), end);
}

// -- turns --------------------------------------------------------------------

/// Sends bytes while the I/O thread stands still, so that all are there when it
/// goes on.
TEST_F(connection_limits_test, lets_others_in_after_a_turn_of_pipelined_ones) {
  std::string order;
  app.on_exchange = [&](const exchange_ptr& ex) {
    order += ex->request.body;
    ex->finish(text_reply("ok"));
  };
  start();
  constexpr int flooders = 5;
  constexpr int flood = 200;
  std::vector<std::unique_ptr<http_client>> all;
  for (int i = 0; i < flooders; ++i)
    all.push_back(connect());
  auto other = connect();
  EXPECT_TRUE(wait_for_connections(flooders + 1));
  std::string requests;
  for (int i = 0; i < flood; ++i)
    requests += post("/app", "f");
  std::promise<void> go;
  boost::asio::post(io->context(), [f = go.get_future().share()] { f.wait(); });
  for (auto& c : all)
    c->send(requests);
  other->send(post("/app", "o"));
  go.set_value();
  EXPECT_EQ(other->read().body, "ok");
  for (auto& c : all)
    for (int i = 0; i < flood; ++i)
      ASSERT_EQ(c->read().body, "ok");
  on_thread([] {});
  auto before = order.find('o');
  ASSERT_NE(before, std::string::npos);
  // A turn of the first, one request of each other, and a turn at most that
  // was in between.
  EXPECT_LE(before, 2U * turn_queue::turn_size + flooders) << order;
  EXPECT_EQ(order.size(), std::size_t{flooders} * flood + 1);
}

TEST_F(connection_limits_test, ends_a_turn_early_when_requests_take_long) {
  std::string order;
  app.on_exchange = [&](const exchange_ptr& ex) {
    auto end = deadline_clock::now() + std::chrono::milliseconds{1};
    while (deadline_clock::now() < end) {
      // Works.
    }
    order += ex->request.body;
    ex->finish(text_reply("ok"));
  };
  start();
  constexpr int flood = turn_queue::turn_size;
  auto flooder = connect();
  auto other = connect();
  EXPECT_TRUE(wait_for_connections(2));
  std::string requests;
  for (int i = 0; i < flood; ++i)
    requests += post("/app", "f");
  std::promise<void> go;
  boost::asio::post(io->context(), [f = go.get_future().share()] { f.wait(); });
  flooder->send(requests);
  other->send(post("/app", "o"));
  go.set_value();
  EXPECT_EQ(other->read().body, "ok");
  for (int i = 0; i < flood; ++i)
    ASSERT_EQ(flooder->read().body, "ok");
  on_thread([] {});
  EXPECT_LE(order.find('o'), 2U) << order;
}

TEST_F(connection_limits_test, serves_what_is_pipelined_before_the_end) {
  echo();
  start();
  auto c = connect();
  constexpr int n = 100;
  std::string requests;
  for (int i = 0; i < n; ++i)
    requests += post("/app", std::to_string(i));
  c->send(requests);
  c->end_sending();
  for (int i = 0; i < n; ++i)
    ASSERT_EQ(c->read().body, std::to_string(i));
  EXPECT_TRUE(c->closed());
  EXPECT_TRUE(wait_for_connections(0));
  on_thread([] {});
  EXPECT_EQ(io->in_flight(), 0U);
}

TEST_F(connection_limits_test, forgets_the_turn_of_one_that_closed) {
  echo();
  start();
  auto c = connect();
  EXPECT_TRUE(wait_for_connections(1));
  std::string requests;
  for (int i = 0; i < 200; ++i)
    requests += post("/app", "x");
  c->send(requests);
  on_thread([this] { io->close_all(); });
  on_thread([] {});
  EXPECT_EQ(io->connections(), 0U);
  EXPECT_EQ(io->in_flight(), 0U);
}

// -- places -------------------------------------------------------------------

TEST_F(connection_limits_test, gives_one_of_the_reserve_a_built_in_only) {
  echo();
  start();
  auto gate =
    std::make_shared<connection_gate>(connection_gate::bounds{1, 0, true, 8});
  auto enter = [&] {
    auto result =
      std::make_unique<http_client>(acceptor.local_endpoint().port());
    auto place = gate->enter_reserve(boost::asio::ip::address_v4::loopback());
    auto c = std::make_shared<connection>(io, acceptor.accept(io->context()),
                                          std::move(*place));
    boost::asio::post(io->context(), [c] { c->start(); });
    return result;
  };
  auto refused = enter();
  auto r = refused->ask(post("/app", "x"));
  EXPECT_EQ(r.status, 503);
  EXPECT_EQ(r.header("Retry-After"), "1");
  EXPECT_TRUE(r.closes());
  auto probe = enter();
  r = probe->ask(get("/livez"));
  EXPECT_EQ(r.status, 200);
  EXPECT_TRUE(r.closes());
  EXPECT_TRUE(probe->closed());
}

// -- the end ------------------------------------------------------------------

TEST_F(connection_limits_test, says_close_from_the_moment_it_drains) {
  start();
  auto c = connect();
  EXPECT_FALSE(c->ask(get("/livez")).closes());
  io->begin_draining();
  EXPECT_TRUE(c->ask(get("/livez")).closes());
  EXPECT_TRUE(c->closed());
}

TEST_F(connection_limits_test, counts_what_was_sent_before_it_quiesced) {
  echo();
  start();
  auto c = connect();
  EXPECT_EQ(c->ask(get("/livez")).body, "ok");
  std::promise<void> go;
  auto quiet = std::make_shared<std::promise<void>>();
  boost::asio::post(io->context(), [this, quiet, f = go.get_future().share()] {
    f.wait();
    io->quiesce([quiet] { quiet->set_value(); });
  });
  c->send(post("/app", "in time"));
  go.set_value();
  auto r = c->read();
  EXPECT_EQ(r.body, "in time");
  EXPECT_TRUE(r.closes());
  EXPECT_EQ(quiet->get_future().wait_for(std::chrono::seconds{10}),
            std::future_status::ready);
}

} // namespace

} // namespace troupe
