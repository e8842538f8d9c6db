#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace troupe::load {

enum class arrival_kind { constant, poisson };

/// When an open loop plans to send: offsets from the start of the loop, in
/// rising order. Pure: no clock. The same seed gives the same plan.
class arrivals {
public:
  using duration = std::chrono::nanoseconds;

  /// @param rate in requests/s, above 0. Several loops that share a rate get a
  ///   part of it each, and with constant arrivals a `phase` (0 to 1, in gaps)
  ///   so that together they are evenly spaced.
  arrivals(arrival_kind kind, double rate, std::uint64_t seed,
           double phase = 0);

  /// The planned time of the next request.
  [[nodiscard]] duration next() const noexcept {
    return next_;
  }

  /// On to the one after it.
  void advance();

private:
  arrival_kind kind_;
  double rate_;
  double phase_;
  std::uint64_t count_ = 0;
  duration next_{};
  std::mt19937_64 random_;
};

} // namespace troupe::load
