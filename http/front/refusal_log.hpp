#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace troupe {

/// Makes one line of the log for many connections that found no place: one for
/// the first, and then one in an interval, with counts. Pure; the caller brings
/// the time.
class refusal_log {
public:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds interval{10};

  /// A connection was answered 503.
  void add_refused() noexcept {
    ++refused_;
  }

  /// An idle connection was closed for a new one.
  void add_dropped() noexcept {
    ++dropped_;
  }

  /// Returns the line to log now; nothing when there is nothing to tell, or it
  /// is too early. Call it after each `add_`, and at `due`.
  std::optional<std::string> line(clock::time_point now);

  /// Returns when to ask for the rest; nothing when nothing is left to tell.
  [[nodiscard]] std::optional<clock::time_point> due() const noexcept;

private:
  std::size_t refused_ = 0;
  std::size_t dropped_ = 0;
  /// When the next line may come.
  clock::time_point next_{};
};

} // namespace troupe
