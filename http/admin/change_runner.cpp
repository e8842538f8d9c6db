#include "troupe/http/admin/change_runner.hpp"

#include "troupe/http/observe/join_within.hpp"

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
  auto& x = *shared_;
  std::unique_lock guard{x.mutex};
  if (x.stopping)
    throw ending();
  if (x.waiting.size() >= max_waiting && !x.current.empty())
    throw change_refused(change_refused::reason::busy,
                         "another change runs: " + x.current
                           + "; try again when it is done");
  start_locked();
  x.waiting.push_back(result);
  x.changed.notify_all();
  return result;
}

void change_runner::start_locked() {
  if (thread_.joinable())
    return;
  try {
    thread_ = std::thread{[x = shared_] { x->work(); }};
  } catch (const std::system_error& e) {
    throw change_refused(
      change_refused::reason::busy,
      std::string{"cannot start a thread: "}.append(e.what()));
  }
}

void change_runner::shared::work() {
  std::unique_lock guard{mutex};
  for (;;) {
    // Ends with its owner at the latest, which sets `stopping`.
    changed.wait(guard, [this] { return stopping || !waiting.empty(); });
    if (waiting.empty())
      break;
    auto next = std::move(waiting.front());
    waiting.pop_front();
    current = next->what_;
    guard.unlock();
    nlohmann::json answer;
    std::exception_ptr failure;
    try {
      answer = next->run_();
    } catch (...) {
      failure = std::current_exception();
    }
    guard.lock();
    current.clear();
    next->end(std::move(answer), std::move(failure));
  }
  ended = true;
  changed.notify_all();
}

bool change_runner::stop(std::chrono::milliseconds patience) {
  auto& x = *shared_;
  std::unique_lock guard{x.mutex};
  x.stopping = true;
  for (const auto& next : x.waiting)
    next->end({}, std::make_exception_ptr(ending()));
  x.waiting.clear();
  x.changed.notify_all();
  if (!thread_.joinable())
    return true;
  return join_within(thread_, guard, x.changed, patience,
                     [&x] { return x.ended; });
}

} // namespace troupe
