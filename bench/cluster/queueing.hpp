#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

/// Arithmetic of queues: what a simulation is held against, and what it draws.
namespace troupe::bench {

/// The waiting time of a queue with Poisson arrivals, exponential service and
/// so many servers (M/M/c), by Erlang's C formula. Times are in those of one
/// service.
struct erlang_c {
  /// @param load arrivals in the time of one service, for each server; below 1
  erlang_c(std::uint32_t servers, double load);

  /// The share of arrivals that wait.
  double waiting;
  double mean;

  /// @param p of 100
  [[nodiscard]] double percentile(double p) const;

private:
  /// How fast the queue empties while all servers are busy.
  double rate_;
};

enum class service_kind {
  constant,
  exponential,
  /// Heavy tail: a variance of 8.5 squared means, p99 is 10 means.
  lognormal,
};

const char* to_string(service_kind x);

/// Draws numbers that are the same on every machine.
class dice {
public:
  explicit dice(std::uint64_t seed) : random_(seed) {
    // nop
  }

  /// Returns one of [0, 1).
  double uniform();

  /// Returns one of [0, n).
  std::uint32_t below(std::uint32_t n);

  /// Returns a number with mean 1.
  double exponential();
  double service(service_kind kind);

private:
  std::mt19937_64 random_;
};

/// A mean of values that depend on their predecessors.
struct batch_means {
  double mean = 0;
  /// Half of the interval that has the true mean in it with 99.9 %.
  double error = 0;
};

/// @param values in their order
batch_means mean_of(const std::vector<float>& values);

/// Sorts part of the values.
double percentile_of(std::vector<float>& values, double p);

inline double seconds_of(std::chrono::steady_clock::duration x) {
  return std::chrono::duration<double>(x).count();
}

inline std::chrono::steady_clock::duration seconds(double x) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
    std::chrono::duration<double>(x));
}

} // namespace troupe::bench
