#include "troupe/http/server/changes/config_watch.hpp"

#include <utility>

namespace troupe {

config_watch::config_watch(std::chrono::milliseconds interval,
                           std::function<std::string()> stamp,
                           std::function<void()> on_change)
  : interval_(interval),
    stamp_(std::move(stamp)),
    on_change_(std::move(on_change)),
    thread_([this] { work(); }) {
  // nop
}

config_watch::~config_watch() {
  {
    std::unique_lock guard{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void config_watch::work() {
  auto known = stamp_();
  auto last = known;
  std::unique_lock guard{mutex_};
  while (!changed_.wait_for(guard, interval_, [this] { return stopping_; })) {
    guard.unlock();
    auto now = stamp_();
    if (now != known && now == last) {
      known = now;
      on_change_();
    }
    last = std::move(now);
    guard.lock();
  }
}

} // namespace troupe
