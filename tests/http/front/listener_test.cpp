#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/front/listener.hpp"
#include "troupe/http/server.hpp"
#include "troupe/tests/support/http_client.hpp"

#include <boost/asio/post.hpp>

#include <deque>
#include <future>
#include <mutex>

namespace troupe {

namespace {

class listener_test : public ::testing::Test {
public:
  listener_test() {
    prepare(config);
    system = std::make_unique<caf::actor_system>(config);
    shared = std::make_shared<front_shared>();
    shared->board = std::make_shared<status_board>();
    shared->log = [this](log_level, std::string_view text) {
      std::unique_lock guard{log_mutex};
      log_text.append(text);
    };
  }

  ~listener_test() override {
    end_all();
  }

  /// Closes all connections and ends the threads.
  void end_all() {
    for (auto& t : threads) {
      on_thread(*t, [&] { t->close_all(); });
      on_thread(*t, [] {});
    }
    if (first != nullptr && !threads.empty())
      on_thread(*threads.front(), [this] { first->stop(); });
    for (auto& t : threads) {
      on_thread(*t, [] {});
      t->stop();
    }
    threads.clear();
  }

  /// Listens with that many threads.
  /// @param accepts whether it begins to accept
  void listen(std::size_t n, bool accepts = true) {
    routing_plan plan;
    plan.entries = builtin_entries(shared->options);
    plan.targets.resize(1);
    for (std::size_t i = 0; i < n; ++i) {
      threads.push_back(std::make_shared<io_thread>(*system, shared));
      threads.back()->snapshot(plan.build(1));
    }
    first = std::make_shared<listener>(threads);
    first->bind("127.0.0.1", 0);
    for (auto& t : threads)
      t->start();
    if (accepts)
      on_thread(*threads.front(), [this] { first->start(); });
  }

  template <class F>
  static void on_thread(io_thread& t, F f) {
    std::promise<void> done;
    boost::asio::post(t.context(), [&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }

  /// Waits until the first thread has that many connections.
  void wait_for(std::size_t n) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (threads[0]->connections() != n
           && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    EXPECT_EQ(threads[0]->connections(), n);
  }

  /// Waits until the first thread has a few connections.
  void wait_for_some() {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (threads[0]->connections() < 8
           && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
  }

  /// Waits until the first thread has that many requests in work.
  void wait_for_work(std::size_t n) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (threads[0]->in_flight() != n
           && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    EXPECT_EQ(threads[0]->in_flight(), n);
  }

  /// What `bind` has to say.
  std::string bind_error(const std::string& host, std::uint16_t port) {
    listener other{{std::make_shared<io_thread>(*system, shared)}};
    try {
      other.bind(host, port);
      return "";
    } catch (const start_error& e) {
      return e.what();
    }
  }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<front_shared> shared;
  std::vector<std::shared_ptr<io_thread>> threads;
  std::shared_ptr<listener> first;
  std::mutex log_mutex;
  std::string log_text;
};

constexpr auto ping = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(listener_test, takes_a_free_port_and_tells_which) {
  listen(1);
  EXPECT_NE(first->port(), 0);
  http_client c{first->port()};
  EXPECT_EQ(c.ask(ping).status, 200);
}

TEST_F(listener_test, refuses_a_port_that_is_taken) {
  listen(1);
  auto text = bind_error("127.0.0.1", first->port());
  EXPECT_TRUE(text.starts_with("cannot listen on 127.0.0.1:"
                               + std::to_string(first->port())
                               + ": Address already in use; another program "))
    << text;
}

TEST_F(listener_test, explains_what_a_host_may_be) {
  for (auto* host : {"nowhere.example", "", "127.0.0.1:80", "256.0.0.1"}) {
    auto text = bind_error(host, 0);
    EXPECT_NE(text.find('"' + std::string{host} + '"'), std::string::npos)
      << text;
    EXPECT_NE(text.find("expected an IP address"), std::string::npos) << text;
  }
}

TEST_F(listener_test, says_why_an_address_cannot_be_bound) {
  EXPECT_NE(bind_error("192.0.2.1", 0).find("192.0.2.1"), std::string::npos);
}

TEST_F(listener_test, knows_localhost) {
  EXPECT_EQ(bind_error("localhost", 0), "");
}

TEST_F(listener_test, deals_connections_to_the_threads_in_turn) {
  listen(3);
  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<http_client>(first->port()));
    EXPECT_EQ(clients.back()->ask(ping).status, 200);
  }
  for (const auto& t : threads)
    EXPECT_EQ(t->connections(), 2U);
}

/// Half of a request: the connection is not idle.
constexpr auto half = "GET /livez HTTP/1.1\r\n";

TEST_F(listener_test, closes_the_oldest_idle_connection_for_a_new_one) {
  shared->options.limits.max_connections = 3;
  listen(2);
  http_client a{first->port()};
  http_client b{first->port()};
  http_client c{first->port()};
  for (auto* x : {&a, &b, &c})
    EXPECT_EQ(x->ask(ping).status, 200);
  // An answer may be read before its thread has noted that `b` is idle.
  while (threads[1]->oldest_idle() == timer_wheel::time_point::max())
    std::this_thread::yield();
  EXPECT_EQ(a.ask(ping).status, 200);
  while (threads[0]->oldest_idle() == timer_wheel::time_point::max())
    std::this_thread::yield();
  http_client d{first->port()};
  EXPECT_EQ(d.ask(ping).status, 200);
  EXPECT_TRUE(b.closed()) << "it was idle for longest";
  for (auto* x : {&a, &c, &d})
    EXPECT_EQ(x->ask(ping).status, 200);
  std::unique_lock guard{log_mutex};
  EXPECT_NE(log_text.find("1 idle ones closed"), std::string::npos) << log_text;
}

TEST_F(listener_test, answers_probes_and_503_when_no_connection_is_idle) {
  shared->options.limits.max_connections = 2;
  listen(1);
  http_client a{first->port()};
  http_client b{first->port()};
  a.send(half);
  b.send(half);
  wait_for(2);
  wait_for_work(2);
  http_client probe{first->port()};
  auto r = probe.ask(ping);
  EXPECT_EQ(r.status, 200);
  EXPECT_TRUE(r.closes());
  EXPECT_TRUE(probe.closed());
  wait_for(2);
  http_client other{first->port()};
  r = other.ask("GET /missing HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(r.status, 404) << "what the server answers itself";
  a.send("Host: a\r\n\r\n");
  EXPECT_EQ(a.read().status, 200) << "others are served";
}

TEST_F(listener_test, turns_away_with_an_answer_when_the_reserve_is_full) {
  shared->options.limits.max_connections = 1;
  listen(1);
  http_client a{first->port()};
  a.send(half);
  wait_for_work(1);
  // A client has a quarter of the reserve.
  std::vector<std::unique_ptr<http_client>> silent;
  for (int i = 0; i < 8; ++i)
    silent.push_back(std::make_unique<http_client>(first->port()));
  wait_for(9);
  for (int i = 0; i < 100; ++i) {
    http_client refused{first->port()};
    auto r = refused.ask(ping);
    EXPECT_EQ(r.status, 503);
    EXPECT_TRUE(r.closes());
    EXPECT_EQ(r.header("Retry-After"), "1");
    EXPECT_EQ(r.body, "{\"detail\":\"Too many connections\"}");
  }
  std::unique_lock guard{log_mutex};
  auto line = log_text.find("too many connections");
  ASSERT_NE(line, std::string::npos);
  EXPECT_EQ(log_text.find("too many connections", line + 1), std::string::npos)
    << "one line for all";
}

TEST_F(listener_test, bounds_the_connections_of_an_address) {
  shared->options.limits.max_connections_per_address = 2;
  listen(1);
  http_client a{first->port()};
  http_client b{first->port()};
  EXPECT_EQ(a.ask(ping).status, 200);
  EXPECT_EQ(b.ask(ping).status, 200);
  http_client c{first->port()};
  auto r = c.ask(ping);
  EXPECT_EQ(r.status, 200);
  EXPECT_TRUE(r.closes()) << "only a probe";
  EXPECT_EQ(a.ask(ping).status, 200) << "it stays";
  b.close();
  wait_for(1);
  http_client d{first->port()};
  EXPECT_FALSE(d.ask(ping).closes());
}

TEST_F(listener_test, frees_the_port_when_it_stops) {
  listen(1);
  on_thread(*threads[0], [this] { first->stop(); });
  on_thread(*threads[0], [] {});
  EXPECT_EQ(bind_error("127.0.0.1", first->port()), "");
}

TEST_F(listener_test, serves_a_client_that_was_accepted_while_it_stopped) {
  listen(1, false);
  http_client client{first->port()};
  client.send(ping);
  std::promise<void> stopped;
  on_thread(*threads[0], [&] {
    // It has the client at once, and its handler is called after the stop.
    first->start();
    first->stop([&] { stopped.set_value(); });
  });
  stopped.get_future().wait();
  EXPECT_EQ(client.read().status, 200);
}

bool is_reset(int fd) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, 0) > 0 && (p.revents & POLLERR) != 0;
}

/// Connects again and again until nobody listens.
/// @returns how many connections were reset, on the way or afterwards
int resets_until_closed(std::uint16_t port) {
  constexpr std::size_t most = 64;
  int result = 0;
  std::deque<int> open;
  for (;;) {
    auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address))
        == 0) {
      open.push_back(fd);
      if (open.size() > most) {
        result += is_reset(open.front()) ? 1 : 0;
        ::close(open.front());
        open.pop_front();
      }
      continue;
    }
    const auto refused = errno == ECONNREFUSED;
    result += refused ? 0 : 1;
    ::close(fd);
    if (refused)
      break;
  }
  for (auto fd : open) {
    result += is_reset(fd) ? 1 : 0;
    ::close(fd);
  }
  return result;
}

TEST_F(listener_test, resets_nobody_who_connects_while_it_stops) {
  // Nobody is turned away for another reason.
  shared->options.limits.max_connections = 1'000'000;
  for (int round = 0; round < 4; ++round) {
    listen(1);
    std::vector<std::future<int>> clients;
    for (int i = 0; i < 4; ++i)
      clients.push_back(std::async(std::launch::async, [this] {
        return resets_until_closed(first->port());
      }));
    wait_for_some();
    on_thread(*threads.front(), [this] { first->stop(); });
    for (auto& x : clients)
      EXPECT_EQ(x.get(), 0) << "round " << round;
    end_all();
  }
}

} // namespace

} // namespace troupe
