#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::load {

/// Reads what a user writes on the command line. Each function throws
/// `std::invalid_argument` with what is wrong and an example of what works.

/// `250us`, `5ms`, `1.5s`, `2m`; a bare number is seconds.
std::chrono::nanoseconds parse_duration(std::string_view text);

/// As short as it is exact enough for a table: `4.21 ms`, `1.5 s`, `87 us`.
std::string duration_text(std::chrono::nanoseconds value);

/// Levels of load, each above 0: `8`, `1,8,64`, `1:256` (doubling, the end
/// included), `100:1000:100` (in steps).
std::vector<double> parse_levels(std::string_view text);

/// A bound on a percentile: `p99<10ms`, `p99.9<1s`.
struct latency_bound {
  double percentile = 99;
  std::chrono::nanoseconds limit{};

  static latency_bound parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// `99`, `99.9`: without needless digits.
std::string number_text(double value);

} // namespace troupe::load
