#include "troupe/http/connection/io_thread.hpp"

#include "troupe/actors/runtime_scope.hpp"
#include "troupe/http/connection/connection.hpp"
#include "troupe/http/wire/request_id.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <system_error>
#include <vector>

namespace troupe {

namespace {

/// How long a stop waits for a thread that is inside a user's code.
constexpr std::chrono::milliseconds stop_patience{2'000};

} // namespace

io_thread::io_thread(caf::actor_system& sys,
                     std::shared_ptr<front_shared> shared, std::uint32_t index)
  : unit_(std::make_shared<io_unit>(sys, context_)),
    shared_(std::move(shared)),
    first_(shared_),
    index_(index),
    wheel_(timer_wheel::clock::now()),
    timer_(context_) {
  // nop
}

void io_thread::start() {
  thread_.start(
    [self = shared_from_this()](return_gate& gate) { self->run(gate); });
}

void io_thread::log_loss() const {
  first_->log(log_level::error,
              "I/O thread " + std::to_string(index_)
                + " does not come back from an inline model, a handler, a "
                  "middleware or a callback; it is left behind");
}

bool io_thread::replace_if_stuck(std::chrono::milliseconds patience) {
  if (!thread_.runs())
    return false;
  auto done = std::make_shared<std::promise<void>>();
  boost::asio::post(context_, [done] { done->set_value(); });
  if (!thread_.left_behind_before(done->get_future(), patience))
    return false;
  log_loss();
  try {
    thread_.start([self = shared_from_this()](return_gate& gate) {
      self->catch_up();
      self->run(gate);
    });
  } catch (const std::system_error& e) {
    // `stop` does the rest.
    first_->log(log_level::error,
                std::string{"no thread takes its place: "} + e.what());
  }
  return true;
}

/// Goes on where a thread was left behind.
void io_thread::catch_up() {
  unit_->take_over();
  // It may have been inside the handler of either.
  arm();
  if (turns_.resume())
    boost::asio::post(context_, [this] { run_turns(); });
}

bool io_thread::stop() {
  // After what was posted before; a handler that never runs would keep alive
  // the context that holds it.
  boost::asio::post(context_, [this] { context_.stop(); });
  const auto lost = thread_.lost();
  thread_.join(stop_patience);
  if (thread_.lost() > lost)
    log_loss();
  if (thread_.lost() > 0)
    unit_->take_over();
  else
    unit_->claim();
  // Twice: what ends the loop may still be among the handlers.
  for (int i = 0; i < 2; ++i) {
    context_.restart();
    context_.poll();
  }
  unit_->close();
  return thread_.lost() == 0;
}

void io_thread::run(return_gate& gate) {
  unit_->claim();
  runtime_scope inside{first_->board.get(), gate};
  auto work = boost::asio::make_work_guard(context_);
  // An exception ends the handler that threw, never the server.
  while (!context_.stopped()) {
    try {
      context_.run();
    } catch (const std::exception& e) {
      first_->log(log_level::error,
                  std::string{"exception on an I/O thread: "} + e.what());
    }
  }
}

void io_thread::add(connection& c) {
  connections_.insert(&c);
  connection_count_.store(connections_.size(), std::memory_order_relaxed);
}

void io_thread::remove(connection& c) {
  connections_.erase(&c);
  connection_count_.store(connections_.size(), std::memory_order_relaxed);
}

void io_thread::wait_for_turn(std::shared_ptr<turn_queue::member> x) {
  if (turns_.add(std::move(x)))
    boost::asio::post(context_, [this] { run_turns(); });
}

/// One turn, then the event loop's: what came in on other connections meanwhile
/// is first.
void io_thread::run_turns() {
  if (turns_.run_next())
    boost::asio::post(context_, [this] { run_turns(); });
}

void io_thread::end_work() {
  if (busy_.fetch_sub(1, std::memory_order_relaxed) == 1 && on_quiet_)
    std::exchange(on_quiet_, nullptr)();
}

void io_thread::set_timer(timer_wheel::entry& e, timer_wheel::time_point due) {
  wheel_.set(e, due);
  // A timer that fires too early only looks again.
  if (due < armed_)
    arm();
}

void io_thread::arm() {
  auto next = wheel_.next();
  if (!next) {
    armed_ = timer_wheel::time_point::max();
    return;
  }
  armed_ = *next;
  timer_.expires_at(*next);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (ec)
      return;
    armed_ = timer_wheel::time_point::max();
    wheel_.advance(timer_wheel::clock::now());
    unit_->run_ready();
    if (armed_ == timer_wheel::time_point::max())
      arm();
  });
}

std::string io_thread::request_id_of(const request& req) {
  auto id = req.header(shared_->options.request_id_header);
  return is_request_id(id) ? std::string{id} : stamps_.next_id();
}

std::vector<std::shared_ptr<connection>> io_thread::all_connections() const {
  std::vector<std::shared_ptr<connection>> result;
  result.reserve(connections_.size());
  for (auto* c : connections_)
    result.push_back(c->shared_from_this());
  return result;
}

void io_thread::quiesce(std::function<void()> done) {
  drain_.store(drain_phase::quiescing, std::memory_order_relaxed);
  for (auto& c : all_connections())
    c->quiesce();
  if (busy_.load(std::memory_order_relaxed) == 0)
    done();
  else
    on_quiet_ = std::move(done);
}

void io_thread::close_all() {
  for (auto& c : all_connections())
    c->close();
}

} // namespace troupe
