#include "troupe/cli/bench/load/load_thread.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <sys/prctl.h>

namespace troupe::load {

namespace {

namespace asio = boost::asio;
using clock = recorder::clock;

/// How often timeouts are looked for.
constexpr auto look_interval = std::chrono::milliseconds{20};
/// Between attempts to connect in a closed loop.
constexpr auto retry_after = std::chrono::milliseconds{100};

} // namespace

load_thread::load_thread(const engine_options& options, const settings& part,
                         const asio::ip::tcp::resolver::results_type& addresses,
                         asio::ssl::context* tls)
  : options_(options),
    part_(part),
    io_(1),
    work_(io_.get_executor()),
    recorder_(part.start, part.window, part.level.rate > 0),
    source_(options.request, part.index, part.threads),
    plan_timer_(io_),
    look_timer_(io_) {
  setup_ = {&io_,
            addresses,
            tls,
            options.request.target.host,
            options.request.method == "HEAD",
            &recorder_,
            this};
  if (part.level.rate > 0)
    arrivals_.emplace(
      options.arrivals, part.level.rate, options.seed + part.index,
      static_cast<double>(part.index) / static_cast<double>(part.threads));
  thread_ = std::thread{[this] {
    // Timers of the plan must not be rounded by the kernel's 50 us.
    prctl(PR_SET_TIMERSLACK, 1UL);
    io_.run();
  }};
}

load_thread::~load_thread() {
  asio::post(io_, [this] { end(); });
  work_.reset();
  thread_.join();
}

void load_thread::begin(time_point origin) {
  asio::post(io_, [this, origin] { run_from(origin); });
}

window_stats load_thread::window(std::size_t index) {
  std::promise<window_stats> result;
  auto future = result.get_future();
  asio::post(io_, [&] { result.set_value(recorder_.window(index)); });
  return future.get();
}

std::vector<std::uint64_t> load_thread::each_second() {
  std::promise<std::vector<std::uint64_t>> result;
  auto future = result.get_future();
  asio::post(io_, [&] { result.set_value(recorder_.each_second()); });
  return future.get();
}

std::uint64_t load_thread::next_number() {
  std::promise<std::uint64_t> result;
  auto future = result.get_future();
  asio::post(io_, [&] { result.set_value(source_.next_number()); });
  return future.get();
}

std::future<void> load_thread::finish(time_point end, duration patience) {
  auto result = finished_.get_future();
  asio::post(io_, [this, end, patience] {
    end_ = end;
    deadline_ = clock::now() + patience;
    maybe_finished();
  });
  return result;
}

void load_thread::run_from(time_point origin) {
  if (ended_)
    return;
  origin_ = origin;
  if (open_loop()) {
    arm_plan();
  } else {
    for (std::size_t i = 0; i < part_.level.connections; ++i)
      connections_.push_back(make_connection(setup_));
    for (const auto& x : connections_)
      x->open();
  }
  look_at_timeouts();
}

void load_thread::on_ready(const std::shared_ptr<connection>& which) {
  if (ended_) {
    which->close();
    return;
  }
  auto now = clock::now();
  if (!open_loop()) {
    if (now < end_)
      send(*which, now);
    else
      maybe_finished();
    return;
  }
  if (!backlog_.empty()) {
    auto planned = backlog_.front();
    backlog_.pop_front();
    send(*which, planned);
    return;
  }
  free_.push_back(which);
  maybe_finished();
}

void load_thread::on_closed(const std::shared_ptr<connection>& which,
                            bool refused) {
  if (ended_)
    return;
  if (open_loop()) {
    // Free again, if it was not: opened when it is needed.
    if (std::find(free_.begin(), free_.end(), which) != free_.end())
      return;
    if (!backlog_.empty()) {
      auto planned = backlog_.front();
      backlog_.pop_front();
      // Not from here: a server that is gone would be a recursion.
      asio::post(io_, [this, which, planned] {
        if (!ended_)
          send(*which, planned);
      });
      return;
    }
    free_.push_back(which);
    maybe_finished();
    return;
  }
  if (clock::now() >= end_) {
    maybe_finished();
    return;
  }
  auto wait = std::make_shared<asio::steady_timer>(io_);
  wait->expires_after(refused ? retry_after : std::chrono::milliseconds{0});
  wait->async_wait([this, which, wait, refused](boost::system::error_code) {
    if (ended_ || clock::now() >= end_)
      return;
    // Nothing was sent on a connection that was refused, but the attempt is an
    // error of its time.
    if (refused) {
      auto now = clock::now();
      recorder_.failed(now, failure::connect, now);
    }
    which->open();
  });
}

void load_thread::send(connection& which, time_point planned) {
  which.send(source_.next(), planned);
}

void load_thread::arm_plan() {
  plan_timer_.expires_at(origin_ + arrivals_->next());
  plan_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec && !ended_)
      send_planned();
  });
}

void load_thread::send_planned() {
  // A bound, so that answers are read even when the plan runs ahead.
  constexpr auto most_at_once = 64;
  auto now = clock::now();
  for (auto i = 0; i < most_at_once; ++i) {
    auto planned = origin_ + arrivals_->next();
    if (planned >= end_)
      return;
    if (planned > now)
      break;
    arrivals_->advance();
    dispatch(planned, now);
    now = clock::now();
  }
  arm_plan();
}

void load_thread::dispatch(time_point planned, time_point now) {
  if (free_.empty() && connections_.size() < part_.level.connections) {
    connections_.push_back(make_connection(setup_));
    free_.push_back(connections_.back());
  }
  if (free_.empty()) {
    recorder_.queued(planned);
    backlog_.push_back(planned);
    return;
  }
  auto which = free_.back();
  free_.pop_back();
  recorder_.sent_directly(planned, now);
  send(*which, planned);
}

void load_thread::look_at_timeouts() {
  if (ended_)
    return;
  auto now = clock::now();
  for (const auto& x : connections_)
    if (x->busy() && now - x->sent() > options_.timeout)
      x->give_up(failure::timeout);
  maybe_finished();
  look_timer_.expires_after(look_interval);
  look_timer_.async_wait(
    [this](boost::system::error_code) { look_at_timeouts(); });
}

void load_thread::maybe_finished() {
  if (ended_ || end_ == time_point::max())
    return;
  auto now = clock::now();
  // What was planned after the end is of no interest.
  while (!backlog_.empty() && backlog_.back() >= end_)
    backlog_.pop_back();
  auto waited_for = !backlog_.empty()
                    || std::any_of(connections_.begin(), connections_.end(),
                                   [&](const auto& x) {
                                     return x->busy() && x->planned() < end_;
                                   });
  if (waited_for && now < deadline_)
    return;
  end();
}

void load_thread::end() {
  if (ended_)
    return;
  ended_ = true;
  auto now = clock::now();
  for (auto planned : backlog_)
    recorder_.failed(planned, failure::unfinished, now);
  for (const auto& x : connections_) {
    if (x->busy() && x->planned() < end_)
      x->give_up(failure::unfinished);
    else
      x->close();
  }
  plan_timer_.cancel();
  look_timer_.cancel();
  finished_.set_value();
}

} // namespace troupe::load
