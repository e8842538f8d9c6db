#include "troupe/actors/value_queue.hpp"

#include <exception>
#include <utility>

namespace troupe {

value_queue::value_queue(std::vector<std::shared_ptr<logger>> loggers,
                         log_sink log, std::size_t max_size)
  : loggers_(std::move(loggers)),
    log_(std::move(log)),
    max_size_(max_size),
    thread_([this] { run(); }) {
  // nop
}

value_queue::~value_queue() {
  {
    std::unique_lock guard{mutex_};
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void value_queue::push(std::string_view model, std::string_view key,
                       const nlohmann::json& value) {
  item x{std::string{model}, std::string{key}, value};
  std::unique_lock guard{mutex_};
  if (items_.size() >= max_size_) {
    ++dropped_;
    return;
  }
  items_.push_back(std::move(x));
  if (items_.size() == 1)
    changed_.notify_all();
}

std::uint64_t value_queue::dropped() const {
  std::unique_lock guard{mutex_};
  return dropped_;
}

void value_queue::run() {
  std::unique_lock guard{mutex_};
  for (;;) {
    changed_.wait(guard, [this] { return ending_ || !items_.empty(); });
    if (items_.empty())
      return;
    auto x = std::move(items_.front());
    items_.pop_front();
    guard.unlock();
    hand_on(x);
    guard.lock();
  }
}

void value_queue::hand_on(const item& x) const {
  for (const auto& l : loggers_) {
    try {
      l->process(x.model, x.key, x.value);
    } catch (const std::exception& e) {
      log_(log_level::error, std::string{"a logger threw: "} + e.what());
    } catch (...) {
      log_(log_level::error,
           "a logger threw something that is no std::exception");
    }
  }
}

} // namespace troupe
