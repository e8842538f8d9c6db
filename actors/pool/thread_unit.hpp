#pragma once

#include "troupe/actors/caf_compat.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace troupe {

/// A thread that runs actors: one dedicated worker, or the control actors. The
/// actors that it sends to run on this thread, too, right after it, so that a
/// busy worker fetches its next exchange without waking another thread. Its own
/// next message waits until they have nothing left to do. Waits on a condition
/// when there is nothing to run; no polling.
class thread_unit final : public own_unit {
public:
  explicit thread_unit(caf::actor_system& sys);
  ~thread_unit() override;

  thread_unit(const thread_unit&) = delete;
  thread_unit& operator=(const thread_unit&) = delete;

  /// Returns the unit of the calling thread; null on a thread that is not a
  /// unit's.
  static execution_unit* current() noexcept;

  /// Queues `job`, which lives here and brings a reference along; from every
  /// thread. After the thread's end it runs on the system's scheduler.
  void exec_later(actor_job* job) override;

  /// Ends the thread once its queue is empty and waits for it.
  /// @returns false when it did not end in time; it is then left to itself, and
  ///          when it is inside a user's code (`runtime_scope`), it stops for
  ///          ever where it would come back, and its system ends without it
  bool stop(std::chrono::milliseconds timeout);

private:
  struct shared_state;

  static void run(std::shared_ptr<shared_state> state);

  std::shared_ptr<shared_state> state_;
  std::thread thread_;
};

} // namespace troupe
