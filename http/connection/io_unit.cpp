#include "troupe/http/connection/io_unit.hpp"

#include "troupe/actors/runtime_scope.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace troupe {

namespace {

/// Messages that an actor takes before others get their turn.
constexpr std::size_t max_throughput = 50;

} // namespace

io_unit::io_unit(caf::actor_system& sys, boost::asio::io_context& context)
  : own_unit(&sys), context_(context) {
  // nop
}

io_unit::~io_unit() {
  for (const auto& job : jobs_)
    release_job(job.actor);
  for (auto* job : posted_)
    release_job(job);
}

void io_unit::exec_later(actor_job* job) {
  if (on_this_thread()) {
    runtime_pause ours;
    jobs_.push_back({job});
    return;
  }
  std::unique_lock guard{mutex_};
  if (closed_) {
    guard.unlock();
    run_on_scheduler(system(), {job});
    return;
  }
  posted_.push_back(job);
  if (posted_.size() == 1)
    boost::asio::post(context_, [this] {
      fetch_posted();
      run_ready();
    });
}

bool io_unit::take(caf::scheduled_actor& to, caf::mailbox_element_ptr& x) {
  if (!on_this_thread())
    return false;
  runtime_pause ours;
  return claim_into(jobs_, to, x);
}

void io_unit::fetch_posted() {
  std::unique_lock guard{mutex_};
  for (auto* job : posted_)
    jobs_.push_back({job});
  posted_.clear();
}

void io_unit::run_ready() {
  if (running_)
    return;
  struct guard {
    io_unit& self;
    ~guard() {
      self.running_ = false;
      self.current_ = nullptr;
    }
  } leave{*this};
  running_ = true;
  while (!jobs_.empty()) {
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    current_ = job.actor;
    if (run_job(*this, job, max_throughput))
      jobs_.push_back(std::move(job));
  }
}

void io_unit::take_over() {
  claim();
  running_ = false;
  if (auto* job = std::exchange(current_, nullptr); job != nullptr)
    forget_job(job);
}

void io_unit::close() {
  {
    std::unique_lock guard{mutex_};
    closed_ = true;
  }
  fetch_posted();
  id_.store(std::thread::id{}, std::memory_order_relaxed);
  for (auto& job : std::exchange(jobs_, {}))
    run_on_scheduler(system(), std::move(job));
}

} // namespace troupe
