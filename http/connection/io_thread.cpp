#include "troupe/http/connection/io_thread.hpp"

#include "troupe/actors/runtime_scope.hpp"
#include "troupe/http/connection/session.hpp"
#include "troupe/http/wire/response_head.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <random>
#include <vector>

namespace troupe {

namespace {

/// Messages that an actor takes before others get their turn.
constexpr std::size_t max_throughput = 50;

} // namespace

// -- io_unit ------------------------------------------------------------------

io_unit::~io_unit() {
  for (auto* job : jobs_)
    caf::intrusive_ptr_release(job);
}

void io_unit::run_ready() {
  if (running_)
    return;
  struct guard {
    bool& flag;
    ~guard() {
      flag = false;
    }
  } leave{running_ = true};
  while (!jobs_.empty()) {
    auto* job = jobs_.front();
    jobs_.pop_front();
    if (job->resume(this, max_throughput) == caf::resumable::resume_later)
      jobs_.push_back(job);
    else
      caf::intrusive_ptr_release(job);
  }
}

// -- io_thread ----------------------------------------------------------------

io_thread::io_thread(caf::actor_system& sys,
                     std::shared_ptr<front_shared> shared, std::uint32_t index)
  : unit_(sys),
    shared_(std::move(shared)),
    index_(index),
    wheel_(timer_wheel::clock::now()),
    timer_(context_) {
  std::random_device random;
  constexpr char digits[] = "0123456789abcdef";
  for (int i = 0; i < 12; ++i)
    id_prefix_ += digits[random() % 16];
  id_prefix_ += '-';
}

void io_thread::start() {
  thread_ = std::thread{[self = shared_from_this()] { self->run(); }};
}

void io_thread::stop() {
  // After what was posted before; a handler that is never run would keep the
  // context alive that keeps it.
  boost::asio::post(context_, [this] { context_.stop(); });
  if (thread_.joinable())
    thread_.join();
  id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  context_.restart();
  context_.poll();
}

void io_thread::run() {
  id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  runtime_scope inside{shared_->board.get()};
  auto work = boost::asio::make_work_guard(context_);
  // An exception ends the handler that threw, never the server.
  while (!context_.stopped()) {
    try {
      context_.run();
    } catch (const std::exception& e) {
      shared_->log(log_level::error,
                   std::string{"exception on an I/O thread: "} + e.what());
    }
  }
}

void io_thread::add(session& s) {
  sessions_.insert(&s);
  connection_count_.store(sessions_.size(), std::memory_order_relaxed);
}

void io_thread::remove(session& s) {
  sessions_.erase(&s);
  connection_count_.store(sessions_.size(), std::memory_order_relaxed);
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
    unit_.run_ready();
    if (armed_ == timer_wheel::time_point::max())
      arm();
  });
}

std::string_view io_thread::date(timer_wheel::time_point now) {
  if (now >= date_until_) {
    using namespace std::chrono;
    auto wall = system_clock::now().time_since_epoch();
    date_ = http_date(duration_cast<seconds>(wall).count());
    date_until_ = now + (seconds{1} - wall % seconds{1});
  }
  return date_;
}

std::string io_thread::next_request_id() {
  return id_prefix_ + std::to_string(++next_id_);
}

void io_thread::quiesce(std::function<void()> done) {
  quiescing_ = true;
  std::vector<std::shared_ptr<session>> all;
  all.reserve(sessions_.size());
  for (auto* s : sessions_)
    all.push_back(s->shared_from_this());
  for (auto& s : all)
    s->close_if_idle();
  if (busy_.load(std::memory_order_relaxed) == 0)
    done();
  else
    on_quiet_ = std::move(done);
}

void io_thread::close_all() {
  std::vector<std::shared_ptr<session>> all;
  all.reserve(sessions_.size());
  for (auto* s : sessions_)
    all.push_back(s->shared_from_this());
  for (auto& s : all)
    s->close();
}

} // namespace troupe
