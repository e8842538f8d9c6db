#pragma once

#include "troupe/specs/values/log.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace troupe {

/// Something that happens once and stays so. Thread-safe.
class notification {
public:
  void notify() {
    std::unique_lock guard{mutex_};
    happened_ = true;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return happened_; });
  }

  /// Lets time pass.
  void sleep(std::chrono::milliseconds d) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, d, [] { return false; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool happened_ = false;
};

/// While it lives, the first SIGTERM or SIGINT notifies and the second ends
/// the process at once with 128 + its number. For programs only: embedded
/// servers never make one.
class signal_wait {
public:
  signal_wait(notification& target, const log_sink& log);
  ~signal_wait();

  signal_wait(const signal_wait&) = delete;
  signal_wait& operator=(const signal_wait&) = delete;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace troupe
