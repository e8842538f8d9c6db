#include "troupe/http/observe/logged_value_queue.hpp"

#include "troupe/http/observe/join_within.hpp"

#include <exception>
#include <utility>

namespace troupe {

namespace {

/// Between two looks at the queue while values keep coming.
constexpr std::chrono::milliseconds rest{10};

} // namespace

logged_value_queue::logged_value_queue(
  std::vector<std::shared_ptr<value_logger>> loggers, log_sink log,
  std::size_t max_size, std::chrono::milliseconds bound)
  : max_size_(max_size), bound_(bound) {
  shared_->loggers = std::move(loggers);
  shared_->log = std::move(log);
  thread_ = std::thread{[x = shared_] { x->run(); }};
}

logged_value_queue::~logged_value_queue() {
  auto& x = *shared_;
  std::unique_lock guard{x.mutex};
  x.ending = true;
  x.changed.notify_all();
  if (!join_within(thread_, guard, x.changed, bound_,
                   [&x] { return x.ended; })) {
    x.left = true;
    x.log(log_level::warning,
          "a logger does not return; values that it has not seen are lost");
  }
}

void logged_value_queue::push(std::string_view model, std::string_view key,
                              const nlohmann::json& value) {
  item next{std::string{model}, std::string{key}, value};
  auto& x = *shared_;
  std::unique_lock guard{x.mutex};
  if (x.items.size() >= max_size_) {
    ++x.dropped;
    return;
  }
  x.items.push_back(std::move(next));
  if (x.waiting && x.items.size() == 1)
    x.changed.notify_all();
}

std::uint64_t logged_value_queue::dropped() const {
  std::unique_lock guard{shared_->mutex};
  return shared_->dropped;
}

void logged_value_queue::shared::run() {
  std::unique_lock guard{mutex};
  std::deque<item> in_hand;
  for (;;) {
    waiting = true;
    // Ends with its owner at the latest, which sets `ending`.
    changed.wait(guard, [this] { return ending || !items.empty(); });
    waiting = false;
    if (items.empty())
      break;
    in_hand.swap(items);
    guard.unlock();
    for (const auto& x : in_hand)
      if (!left)
        hand_on(x);
    in_hand.clear();
    guard.lock();
    // Values come with every request of a busy server: waking up for each would
    // cost more than the request.
    changed.wait_for(guard, rest, [this] { return ending; });
  }
  ended = true;
  changed.notify_all();
}

void logged_value_queue::shared::complain(const std::string& text) const {
  // The log may be gone by then.
  if (!left)
    log(log_level::error, text);
}

void logged_value_queue::shared::hand_on(const item& x) const {
  for (const auto& l : loggers) {
    try {
      l->process(x.model, x.key, x.value);
    } catch (const std::exception& e) {
      complain(std::string{"a logger threw: "} + e.what());
    } catch (...) {
      complain("a logger threw something that is not a std::exception");
    }
  }
}

} // namespace troupe
