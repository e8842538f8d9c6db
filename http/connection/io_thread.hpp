#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/http/builtins/builtins.hpp"
#include "troupe/http/connection/answer_stamps.hpp"
#include "troupe/http/connection/io_unit.hpp"
#include "troupe/http/connection/replaceable_thread.hpp"
#include "troupe/http/limits/idle_connections.hpp"
#include "troupe/http/limits/timer_wheel.hpp"
#include "troupe/http/limits/turn_queue.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace troupe {

class connection;

/// One I/O thread with everything that belongs to it: event loop, execution
/// unit, deadlines, connections, its copy of the table. Members without a
/// note are for the thread itself only.
class io_thread : public std::enable_shared_from_this<io_thread> {
public:
  using executor = boost::asio::io_context::executor_type;

  /// @param index its number among those of the server, from 0
  io_thread(caf::actor_system& sys, std::shared_ptr<front_shared> shared,
            std::uint32_t index = 0);

  // -- from other threads -----------------------------------------------------

  void start();

  /// Ends the loop and waits for the thread. Connections must be closed. A
  /// thread that is inside a user's code is left behind after two seconds.
  /// @returns false when it, or one before it, was left behind
  bool stop();

  /// When the thread is inside a user's code and does not come back from it for
  /// this long, it is left behind and another one takes its place: the thread
  /// stops for ever where it would come back, and what it holds is lost.
  /// @returns whether it was
  bool replace_if_stuck(std::chrono::milliseconds patience);

  [[nodiscard]] boost::asio::io_context& context() noexcept {
    return context_;
  }

  [[nodiscard]] bool on_this_thread() const noexcept {
    return unit_->on_this_thread();
  }

  [[nodiscard]] std::size_t connections() const noexcept {
    return connection_count_.load(std::memory_order_relaxed);
  }

  /// Since when its oldest idle connection is idle; `max()` without one.
  [[nodiscard]] timer_wheel::time_point oldest_idle() const noexcept {
    return idle_.oldest();
  }

  [[nodiscard]] std::size_t in_flight() const noexcept {
    return busy_.load(std::memory_order_relaxed);
  }

  /// Returns the settings for requests that begin now. On this thread.
  [[nodiscard]] const front_shared& shared() const noexcept {
    return *shared_;
  }

  /// The same, to be kept: a reload may replace it.
  [[nodiscard]] const std::shared_ptr<const front_shared>&
  settings() const noexcept {
    return shared_;
  }

  [[nodiscard]] std::uint32_t index() const noexcept {
    return index_;
  }

  /// Where the actors of this thread live.
  [[nodiscard]] unit_ptr home() const noexcept {
    return unit_;
  }

  /// Sets the thread's ROUTER. Before the first request.
  void router(router_actor x) {
    router_ = std::move(x);
  }

  // -- for connections --------------------------------------------------------

  [[nodiscard]] io_unit& unit() noexcept {
    return *unit_;
  }

  /// Gives a request to ROUTER and runs the actors that have something to do.
  void submit(routed_request x) {
    tell_on(unit_.get(), router_, std::move(x));
    unit_->run_ready();
  }

  [[nodiscard]] const snapshot_ptr& snapshot() const noexcept {
    return snapshot_;
  }

  void snapshot(snapshot_ptr x) {
    if (x != nullptr && x->front != nullptr && x->front != shared_)
      shared_ = std::static_pointer_cast<const front_shared>(x->front);
    snapshot_ = std::move(x);
  }

  void add(connection& c);
  void remove(connection& c);

  [[nodiscard]] idle_connections& idle() noexcept {
    return idle_;
  }

  [[nodiscard]] const turn_queue& turns() const noexcept {
    return turns_;
  }

  /// Gives it a turn after the sockets were looked at, and after those that
  /// wait already.
  void wait_for_turn(std::shared_ptr<turn_queue::member> x);

  /// Whether one more connection may read by large pieces, which need large
  /// buffers; the others read their large bodies by small ones.
  [[nodiscard]] bool has_large_input() const noexcept {
    constexpr std::size_t most = 64;
    return large_inputs_ < most;
  }

  void add_large_input() noexcept {
    ++large_inputs_;
  }

  void remove_large_input() noexcept {
    --large_inputs_;
  }

  /// Counts requests in work.
  void begin_work() noexcept {
    busy_.fetch_add(1, std::memory_order_relaxed);
  }

  void end_work();

  /// Sets or moves a deadline.
  void set_timer(timer_wheel::entry& e, timer_wheel::time_point due);
  void clear_timer(timer_wheel::entry& e) noexcept {
    wheel_.clear(e);
  }

  /// The value of `Date`, at most a second old.
  std::string_view date(timer_wheel::time_point now) {
    return stamps_.date(now);
  }

  /// Returns the client's id of a request, or a new one when it brought none
  /// that may stand in an answer and a log line.
  std::string request_id_of(const request& req);

  // -- shutdown ---------------------------------------------------------------

  /// From now on every answer says `Connection: close`. Safe from every thread.
  void begin_draining() noexcept {
    auto before = drain_phase::none;
    drain_.compare_exchange_strong(before, drain_phase::draining,
                                   std::memory_order_relaxed);
  }

  [[nodiscard]] bool draining() const noexcept {
    return drain_.load(std::memory_order_relaxed) != drain_phase::none;
  }

  /// Whether only requests whose bytes are here already are still served.
  [[nodiscard]] bool quiescing() const noexcept {
    return drain_.load(std::memory_order_relaxed) == drain_phase::quiescing;
  }

  /// Closes idle connections and calls `done` once nothing is in work.
  void quiesce(std::function<void()> done);

  /// Closes every connection.
  void close_all();

private:
  enum class drain_phase : std::uint8_t { none, draining, quiescing };

  void run(return_gate& gate);
  void catch_up();
  void log_loss() const;
  void arm();
  void run_turns();
  [[nodiscard]] std::vector<std::shared_ptr<connection>>
  all_connections() const;

  boost::asio::io_context context_{1};
  std::shared_ptr<io_unit> unit_;
  std::shared_ptr<const front_shared> shared_;
  /// What it began with: board and log, for other threads.
  std::shared_ptr<const front_shared> first_;
  std::uint32_t index_;
  replaceable_thread thread_;
  timer_wheel wheel_;
  boost::asio::steady_timer timer_;
  /// When the timer fires; `max()` when it does not.
  timer_wheel::time_point armed_ = timer_wheel::time_point::max();
  snapshot_ptr snapshot_;
  router_actor router_;
  std::unordered_set<connection*> connections_;
  idle_connections idle_;
  turn_queue turns_;
  /// Connections with a large buffer.
  std::size_t large_inputs_ = 0;
  std::atomic<std::size_t> connection_count_{0};
  std::atomic<std::size_t> busy_{0};
  std::atomic<drain_phase> drain_{drain_phase::none};
  std::function<void()> on_quiet_;
  answer_stamps stamps_;
};

} // namespace troupe
