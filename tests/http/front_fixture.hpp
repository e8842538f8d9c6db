#pragma once

#include "troupe/actors/routing/router.hpp"
#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/connection/connection.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/tests/support/http_client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// What the actor behind the test's endpoints does, and what it saw.
class test_app {
public:
  /// Takes an exchange on the I/O thread; without, exchanges are parked.
  std::function<void(const exchange_ptr&)> on_exchange;
  /// Called on the I/O thread.
  std::function<void()> on_sweep;

  void take(exchange_ptr ex) {
    if (on_exchange) {
      on_exchange(ex);
      return;
    }
    std::unique_lock guard{mutex_};
    parked_.push_back(std::move(ex));
    changed_.notify_all();
  }

  void sweep() {
    if (on_sweep)
      on_sweep();
    std::unique_lock guard{mutex_};
    ++sweeps_;
    changed_.notify_all();
  }

  /// Waits for a parked exchange; null when none comes.
  exchange_ptr next() {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, std::chrono::seconds{10},
                      [this] { return !parked_.empty(); });
    if (parked_.empty())
      return nullptr;
    auto result = std::move(parked_.front());
    parked_.pop_front();
    return result;
  }

  bool wait_for_sweeps(int n,
                       std::chrono::milliseconds timeout = std::chrono::seconds{
                         2}) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, timeout, [&] { return sweeps_ >= n; });
  }

  void clear() {
    std::unique_lock guard{mutex_};
    parked_.clear();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<exchange_ptr> parked_;
  int sweeps_ = 0;
};

inline spec_actor::behavior_type app_behavior(spec_actor::pointer,
                                              test_app* app) {
  return {
    [app](exchange_ptr& ex) { app->take(std::move(ex)); },
    [](atom::join, const worker_offer&) {},
    [](atom::idle, worker_index) {},
    [](atom::leave, worker_index) { return atom::drained_v; },
    [](atom::retire, worker_index) { return atom::drained_v; },
    [app](atom::sweep) { app->sweep(); },
    [](atom::status) { return pool_status{}; },
    [](atom::drain, bool) { return atom::drained_v; },
    [](atom::cancel) {},
    [](atom::reclaim, worker_index) {},
    [](atom::reclaim, worker_index, const exchange_ptr&) {},
    [](atom::fail, const std::string&) {},
    [](atom::shun, std::uint64_t, caf::timespan) {},
  };
}

/// Waits until the exchange is cancelled.
inline bool wait_cancelled(const exchange_ptr& ex) {
  auto end = deadline_clock::now() + std::chrono::seconds{10};
  while (!ex->cancelled() && deadline_clock::now() < end)
    std::this_thread::yield();
  return ex->cancelled();
}

[[noreturn]] inline reply throwing_renderer(const failure&) {
  throw std::runtime_error("renderer");
}

/// An I/O thread with connections over loopback TCP, a hand-made table and one
/// actor that stands for all models and specs. Fields of `shared` are set
/// before `start`.
class front_fixture : public ::testing::Test {
public:
  front_fixture() {
    prepare(config);
    system = std::make_unique<caf::actor_system>(config);
    shared = std::make_shared<front_shared>();
    shared->board = std::make_shared<status_board>();
    shared->board->phase(server_phase::serving);
    shared->info = [] { return nlohmann::json{{"model", nullptr}}; };
    shared->options.api_key = "secret";
    shared->log = [this](log_level, std::string_view text) {
      std::unique_lock guard{log_mutex};
      log_text.append(text).append("\n");
    };
    acceptor.open(boost::asio::ip::tcp::v4());
    acceptor.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor.listen();
  }

  ~front_fixture() override {
    stop();
    for (const auto& x : actors)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    actors.clear();
    handle = nullptr;
    io = nullptr;
  }

  /// Serves `/app`, and what the other arguments say.
  void start() {
    handle = system->spawn<caf::lazy_init>(app_behavior, &app);
    io = std::make_shared<io_thread>(*system, shared);
    io->snapshot(make_table());
    auto to =
      spawn_placed(*system, placement{io->home()}, router, router_config{});
    io->router(to);
    for (auto x :
         {caf::actor_cast<caf::actor>(handle), caf::actor_cast<caf::actor>(to)})
      actors.push_back(std::move(x));
    io->start();
  }

  void stop() {
    if (io == nullptr)
      return;
    app.clear();
    on_thread([this] { io->close_all(); });
    // What was cancelled above runs before this.
    on_thread([] {});
    on_thread([] {});
    io->stop();
  }

  /// Of `/app` and its like; set before `start`.
  time_limits limits;
  std::chrono::milliseconds heartbeat{0};

  snapshot_ptr make_table() const {
    routing_plan plan;
    plan.targets.resize(1);
    plan.targets[0].owner = "app";
    plan.targets[0].spec = handle;
    plan.targets[0].limits.timeout = std::chrono::milliseconds{0};
    plan.targets[0].limits = limits;
    plan.targets[0].heartbeat = heartbeat;
    plan.entries = builtin_entries(shared->options);
    auto add = [&](std::string pattern, method_set methods) -> table_entry& {
      table_entry e;
      e.endpoint.pattern = std::move(pattern);
      e.endpoint.methods = methods;
      e.endpoint.access = access::open;
      e.owner = "app";
      plan.entries.push_back(std::move(e));
      return plan.entries.back();
    };
    add("/app", {method::get, method::post});
    add("/app/{name}", {method::get});
    add("/small", {method::post}).endpoint.max_body_bytes = 10;
    add("/brief", {method::post}).endpoint.timeout =
      std::chrono::milliseconds{30};
    add("/keyed", {method::post}).endpoint.access = access::key;
    add("/throws", {method::get}).render_error = throwing_renderer;
    return plan.build(1);
  }

  /// Runs `f` on the I/O thread and waits for it.
  template <class F>
  void on_thread(F f) {
    std::promise<void> done;
    boost::asio::post(io->context(), [&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }

  /// A connected client with a connection of its own.
  std::unique_ptr<http_client> connect() {
    auto result =
      std::make_unique<http_client>(acceptor.local_endpoint().port());
    auto s = std::make_shared<connection>(io, acceptor.accept(io->context()));
    boost::asio::post(io->context(), [s] { s->start(); });
    return result;
  }

  /// A request in work: its client, and the exchange that waits in the app.
  struct open_request {
    std::unique_ptr<http_client> peer;
    exchange_ptr ex;
  };

  /// Starts, connects and sends a request that the app parks.
  open_request begin_request(std::string_view bytes) {
    start();
    open_request result{connect(), nullptr};
    result.peer->send(bytes);
    result.ex = app.next();
    if (result.ex == nullptr)
      throw std::runtime_error("no request came to the app");
    return result;
  }

  /// Waits until the thread has that many connections.
  bool wait_for_connections(std::size_t n) {
    auto end = deadline_clock::now() + std::chrono::seconds{10};
    while (io->connections() != n && deadline_clock::now() < end)
      std::this_thread::yield();
    return io->connections() == n;
  }

  static std::string post(std::string_view path, std::string_view body,
                          std::string_view fields = "") {
    return "POST " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n"
           + std::string{fields} + "Content-Length: "
           + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
  }

  static std::string get(std::string_view path, std::string_view fields = "") {
    return "GET " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n"
           + std::string{fields} + "\r\n";
  }

  /// Lets the actor answer every exchange with its body.
  void echo() {
    app.on_exchange = [](const exchange_ptr& ex) {
      ex->finish(text_reply(ex->request.body));
    };
  }

  std::string logged() {
    std::unique_lock guard{log_mutex};
    return log_text;
  }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<front_shared> shared;
  test_app app;
  spec_actor handle;
  std::vector<caf::actor> actors;
  std::shared_ptr<io_thread> io;
  boost::asio::io_context accepting;
  boost::asio::ip::tcp::acceptor acceptor{accepting};
  std::mutex log_mutex;
  std::string log_text;
};

} // namespace troupe
