#include "troupe/http/limits/heap_trimmer.hpp"

#include <malloc.h>
#include <utility>

namespace troupe {

heap_trimmer::heap_trimmer(std::chrono::milliseconds pause,
                           std::function<void()> trim)
  : pause_(pause), trim_(std::move(trim)), thread_([this] { run(); }) {
  // nop
}

heap_trimmer::~heap_trimmer() {
  {
    std::unique_lock guard{mutex_};
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void heap_trimmer::ask() {
  {
    std::unique_lock guard{mutex_};
    if (std::exchange(asked_, true))
      return;
  }
  changed_.notify_all();
}

void heap_trimmer::trim_heap() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

void heap_trimmer::run() {
  std::unique_lock guard{mutex_};
  for (;;) {
    // Ends with its owner at the latest, which sets `stopped_`.
    changed_.wait(guard, [this] { return stopped_ || asked_; });
    if (changed_.wait_for(guard, pause_, [this] { return stopped_; }))
      return;
    asked_ = false;
    guard.unlock();
    trim_();
    guard.lock();
  }
}

} // namespace troupe
