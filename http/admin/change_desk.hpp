#pragma once

#include "troupe/http/change_refused.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

namespace troupe {

/// Lets changes of a running server happen one after the other. Thread-safe.
class change_desk {
public:
  /// While it lives, nobody else has the turn. A value that moves.
  class turn {
  public:
    turn(turn&& other) noexcept;
    turn& operator=(turn&&) = delete;
    ~turn();

  private:
    friend class change_desk;
    explicit turn(change_desk& of) noexcept : desk_(&of) {
      // nop
    }

    change_desk* desk_;
  };

  /// Waits for the turn and takes it.
  /// @param what the change, for those that are refused meanwhile: `the
  ///             replacement of model "m"`
  /// @throws change_refused
  [[nodiscard]] turn take(std::string what, std::chrono::milliseconds patience);

  /// Refuses changes from now on, also those that wait, and waits for the one
  /// under way. @returns whether it ended in time
  bool close(std::chrono::milliseconds timeout);

  /// Returns whether changes are refused from now on.
  [[nodiscard]] bool closed() const;

  /// Returns what changes, or "".
  [[nodiscard]] std::string current() const;

private:
  void give_back() noexcept;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool taken_ = false;
  bool closed_ = false;
  std::string what_;
};

} // namespace troupe
