#pragma once

#include "troupe/cli/bench/load/connection.hpp"
#include "troupe/cli/bench/load/engine.hpp"
#include "troupe/cli/bench/measure/recorder.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace troupe::load {

/// The part of a level that one thread sends. All but the constructor, the
/// destructor, `begin`, `window`, `each_second`, `next_number` and `finish`
/// happens on that thread.
class load_thread final : connection_user {
public:
  using time_point = recorder::time_point;
  using duration = std::chrono::nanoseconds;

  struct settings {
    std::size_t index = 0;
    std::size_t threads = 1;
    /// This thread's part.
    load_level level = {};
    time_point start = {};
    duration window = {};
  };

  /// @param tls none for plain TCP; outlives this.
  load_thread(const engine_options& options, const settings& part,
              const boost::asio::ip::tcp::resolver::results_type& addresses,
              boost::asio::ssl::context* tls);
  ~load_thread();

  load_thread(const load_thread&) = delete;
  load_thread& operator=(const load_thread&) = delete;

  /// Begins to send, once. The threads of a level plan from the same `origin`,
  /// or constant arrivals would not be evenly spaced together.
  void begin(time_point origin);

  [[nodiscard]] window_stats window(std::size_t index);

  /// As `recorder::each_second`.
  [[nodiscard]] std::vector<std::uint64_t> each_second();

  /// Above the numbers of all requests so far.
  [[nodiscard]] std::uint64_t next_number();

  /// Returns at once; the future is ready when `engine::finish` may return.
  std::future<void> finish(time_point end, duration patience);

private:
  void on_ready(const std::shared_ptr<connection>& which) override;
  void on_closed(const std::shared_ptr<connection>& which,
                 bool refused) override;

  [[nodiscard]] bool open_loop() const noexcept {
    return arrivals_.has_value();
  }

  void run_from(time_point origin);
  void send(connection& which, time_point planned);
  void send_planned();
  void arm_plan();
  void dispatch(time_point planned, time_point now);
  void look_at_timeouts();
  void maybe_finished();
  void end();

  engine_options options_;
  settings part_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    work_;
  recorder recorder_;
  request_source source_;
  connection_setup setup_;
  std::vector<std::shared_ptr<connection>> connections_;
  /// Open loop: those without a request, open or not; the last one is used
  /// first, so that few stay warm.
  std::vector<std::shared_ptr<connection>> free_;
  /// Open loop: planned times of requests that wait for a connection.
  std::deque<time_point> backlog_;
  std::optional<arrivals> arrivals_;
  time_point origin_;
  boost::asio::steady_timer plan_timer_;
  boost::asio::steady_timer look_timer_;
  /// When to stop planning.
  time_point end_ = time_point::max();
  time_point deadline_ = time_point::max();
  std::promise<void> finished_;
  bool ended_ = false;
  std::thread thread_;
};

} // namespace troupe::load
