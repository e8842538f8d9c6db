#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/model.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace troupe {

/// How long to wait before a dead worker is replaced, and when to give up.
/// The wait doubles with each death inside the window. Pure; the caller brings
/// the time.
class restart_budget {
public:
  using time_point = deadline_clock::time_point;

  explicit restart_budget(restart_options options) noexcept
    : options_(options) {
    // nop
  }

  /// Records a death.
  /// @returns the back-off, or nothing when the budget is used up.
  [[nodiscard]] std::optional<std::chrono::milliseconds> spend(time_point now);

  /// Deaths inside the window.
  [[nodiscard]] std::size_t spent() const noexcept {
    return deaths_.size();
  }

private:
  restart_options options_;
  std::deque<time_point> deaths_;
};

} // namespace troupe
