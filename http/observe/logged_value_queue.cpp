#include "troupe/http/observe/logged_value_queue.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace troupe {

namespace {

/// Between two looks at the queue while values keep coming.
constexpr std::chrono::milliseconds rest{10};

} // namespace

logged_value_queue::logged_value_queue(
  std::vector<std::shared_ptr<value_logger>> loggers, log_sink log,
  std::size_t max_size)
  : loggers_(std::move(loggers)),
    log_(std::move(log)),
    max_size_(max_size),
    thread_([this] { run(); }) {
  // nop
}

logged_value_queue::~logged_value_queue() {
  {
    std::unique_lock guard{mutex_};
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void logged_value_queue::push(std::string_view model, std::string_view key,
                              const nlohmann::json& value) {
  item x{std::string{model}, std::string{key}, value};
  std::unique_lock guard{mutex_};
  if (items_.size() >= max_size_) {
    ++dropped_;
    return;
  }
  items_.push_back(std::move(x));
  if (waiting_ && items_.size() == 1)
    changed_.notify_all();
}

std::uint64_t logged_value_queue::dropped() const {
  std::unique_lock guard{mutex_};
  return dropped_;
}

void logged_value_queue::run() {
  std::unique_lock guard{mutex_};
  std::deque<item> in_hand;
  for (;;) {
    waiting_ = true;
    changed_.wait(guard, [this] { return ending_ || !items_.empty(); });
    waiting_ = false;
    if (items_.empty())
      return;
    in_hand.swap(items_);
    guard.unlock();
    for (const auto& x : in_hand)
      hand_on(x);
    in_hand.clear();
    guard.lock();
    // Values come with every request of a busy server: waking up for each would
    // cost more than the request.
    changed_.wait_for(guard, rest, [this] { return ending_; });
  }
}

void logged_value_queue::hand_on(const item& x) const {
  for (const auto& l : loggers_) {
    try {
      l->process(x.model, x.key, x.value);
    } catch (const std::exception& e) {
      log_(log_level::error, std::string{"a logger threw: "} + e.what());
    } catch (...) {
      log_(log_level::error,
           "a logger threw something that is not a std::exception");
    }
  }
}

} // namespace troupe
