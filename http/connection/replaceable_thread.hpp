#pragma once

#include "troupe/actors/return_gate.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <thread>

namespace troupe {

/// A thread that is left behind when it does not come back from a user's code.
/// Members are for one other thread at a time.
class replaceable_thread {
public:
  using milliseconds = std::chrono::milliseconds;

  /// Starts it, or the next one after it was left behind.
  /// @param f gets the gate through which the thread enters a user's code; what
  ///          it refers to lives as long as the thread, which may be for ever
  /// @throws std::system_error
  void start(std::function<void(return_gate&)> f);

  [[nodiscard]] bool runs() const noexcept {
    return thread_.joinable();
  }

  /// Waits for something that the thread does. A thread that was inside the
  /// same visit of a user's code all the time is left behind: it never comes
  /// back from that visit.
  /// @returns whether that is so
  bool left_behind_before(const std::future<void>& x, milliseconds patience);

  /// Waits for its end, or until it was left behind.
  void join(milliseconds patience);

  /// Returns how many threads were left behind.
  [[nodiscard]] std::size_t lost() const noexcept {
    return lost_;
  }

private:
  std::thread thread_;
  std::future<void> ended_;
  /// Of the thread that runs; one that was left behind keeps its own.
  std::shared_ptr<return_gate> gate_;
  std::size_t lost_ = 0;
};

} // namespace troupe
