#include "troupe/http/admin/change_runner.hpp"

#include <system_error>
#include <utility>

namespace troupe {

namespace {

change_refused ending() {
  return {change_refused::reason::stopping,
          "the server is stopping and takes no more changes"};
}

} // namespace

// -- ordered_change -----------------------------------------------------------

bool ordered_change::wait_for(std::chrono::milliseconds timeout) const {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, timeout, [this] { return over_; });
}

nlohmann::json ordered_change::result() const {
  std::unique_lock guard{mutex_};
  if (failure_)
    std::rethrow_exception(failure_);
  return answer_;
}

void ordered_change::end(nlohmann::json answer, std::exception_ptr failure) {
  // The function is destroyed first: the caller may go on to end what it holds.
  run_ = nullptr;
  std::unique_lock guard{mutex_};
  answer_ = std::move(answer);
  failure_ = std::move(failure);
  over_ = true;
  changed_.notify_all();
}

// -- change_runner ------------------------------------------------------------

change_runner::~change_runner() {
  stop();
}

std::shared_ptr<ordered_change>
change_runner::order(std::string what, std::function<nlohmann::json()> run) {
  auto result = std::make_shared<ordered_change>();
  result->what_ = std::move(what);
  result->run_ = std::move(run);
  std::unique_lock guard{mutex_};
  if (stopping_)
    throw ending();
  if (waiting_.size() >= max_waiting && !current_.empty())
    throw change_refused(change_refused::reason::busy,
                         "another change runs: " + current_
                           + "; try again when it is done");
  start_locked();
  waiting_.push_back(result);
  changed_.notify_all();
  return result;
}

void change_runner::start_locked() {
  if (thread_.joinable())
    return;
  try {
    thread_ = std::thread{[this] { work(); }};
  } catch (const std::system_error& e) {
    throw change_refused(
      change_refused::reason::busy,
      std::string{"cannot start a thread: "}.append(e.what()));
  }
}

void change_runner::work() {
  std::unique_lock guard{mutex_};
  for (;;) {
    changed_.wait(guard, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty())
      return;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    current_ = next->what_;
    guard.unlock();
    nlohmann::json answer;
    std::exception_ptr failure;
    try {
      answer = next->run_();
    } catch (...) {
      failure = std::current_exception();
    }
    guard.lock();
    current_.clear();
    next->end(std::move(answer), std::move(failure));
  }
}

void change_runner::stop() {
  {
    std::unique_lock guard{mutex_};
    stopping_ = true;
    for (const auto& x : waiting_)
      x->end({}, std::make_exception_ptr(ending()));
    waiting_.clear();
    changed_.notify_all();
  }
  if (thread_.joinable())
    thread_.join();
}

} // namespace troupe
