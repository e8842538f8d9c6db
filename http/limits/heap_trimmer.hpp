#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace troupe {

/// Gives freed memory back to the system, some time after `ask`, on a thread of
/// its own and at most once in a while. The allocator by itself keeps it;
/// giving it back takes milliseconds.
class heap_trimmer {
public:
  /// @param pause before each hand-back, so that more is freed by then
  /// @param trim what hands the memory back
  explicit heap_trimmer(
    std::chrono::milliseconds pause = std::chrono::milliseconds{500},
    std::function<void()> trim = trim_heap);

  heap_trimmer(const heap_trimmer&) = delete;
  heap_trimmer& operator=(const heap_trimmer&) = delete;

  /// Waits for a hand-back that is under way.
  ~heap_trimmer();

  /// Asks for it. Safe from every thread.
  void ask();

private:
  static void trim_heap();
  void run();

  std::chrono::milliseconds pause_;
  std::function<void()> trim_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace troupe
