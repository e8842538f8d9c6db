#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace troupe {

/// Waits until a thread has ended, and leaves it behind when it does not end in
/// time: it may be inside a write that nobody reads. What it uses has to live
/// on then.
/// @param guard of the mutex that `ended` needs; it is free afterwards
/// @param changed is told when `ended` may have become true
/// @returns whether it has ended
template <class Predicate>
bool join_within(std::thread& thread, std::unique_lock<std::mutex>& guard,
                 std::condition_variable& changed,
                 std::chrono::milliseconds bound, Predicate ended) {
  const auto result = changed.wait_for(guard, bound, ended);
  guard.unlock();
  if (result)
    thread.join();
  else
    thread.detach();
  return result;
}

} // namespace troupe
