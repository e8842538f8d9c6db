#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/model.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace troupe {

/// Returns how long to wait before the n-th restart, from 1: twice as long each
/// time, and up to a quarter shorter by chance, from 0 to less than 1.
[[nodiscard]] std::chrono::milliseconds
backoff_after(const restart_options& options, std::size_t n, double chance);

/// How long to wait before a dead worker is replaced, and when not to replace
/// any more. The wait doubles with each death inside the window, and is up to a
/// quarter shorter by chance, so that those that died together do not come back
/// together. Deaths of one input count as one: a single client must not use up
/// the budget. Pure; the caller brings time and chance.
class restart_budget {
public:
  using time_point = deadline_clock::time_point;

  explicit restart_budget(restart_options options) noexcept
    : options_(options) {
    // nop
  }

  /// Records a death.
  /// @param input the mark of the only input that the worker had, or 0
  /// @param chance from 0 to less than 1
  /// @returns the back-off, or nothing when the budget is used up.
  [[nodiscard]] std::optional<std::chrono::milliseconds>
  spend(time_point now, std::uint64_t input = 0, double chance = 0);

  /// Returns how often workers died of that input inside the window.
  [[nodiscard]] std::size_t deaths_of(std::uint64_t input) const noexcept;

  /// Deaths inside the window, those of one input as one.
  [[nodiscard]] std::size_t spent() const noexcept {
    return deaths_.size();
  }

private:
  struct death {
    time_point at;
    std::uint64_t input = 0;
    std::size_t times = 1;
  };

  restart_options options_;
  std::deque<death> deaths_;
};

} // namespace troupe
