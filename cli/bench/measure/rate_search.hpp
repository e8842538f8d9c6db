#pragma once

#include <optional>

namespace troupe::load {

/// Looks for the highest rate that a bound holds at: doubles from the lowest
/// until it does not, then halves the interval until its ends are within
/// `precision`. Pure: the caller measures.
class rate_search {
public:
  /// @param low, high in requests/s, 0 < low <= high.
  rate_search(double low, double high, double precision = 0.05);

  /// The rate to measure next, or none when the search is over.
  [[nodiscard]] std::optional<double> next() const;

  /// What `next()` showed.
  void report(bool holds);

  /// The highest rate so far at which the bound held.
  [[nodiscard]] std::optional<double> best() const noexcept {
    return best_;
  }

  /// Whether the bound held even at the highest rate that was allowed.
  [[nodiscard]] bool unbounded() const noexcept {
    return best_ && *best_ >= high_;
  }

private:
  double high_;
  double precision_;
  double current_;
  std::optional<double> best_;
  /// The lowest rate at which it did not hold.
  std::optional<double> worst_;
};

} // namespace troupe::load
