#pragma once

#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/cli/bench/load/engine.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace troupe::bench {

/// A request to a path of the server.
struct call {
  std::string path;
  std::string body;
  std::string type = "application/json";
};

/// An open loop of so many requests/s, or (0) a closed loop.
struct pressure {
  double rate = 0;
  /// Of a closed loop; the most that an open loop opens.
  std::size_t connections = 1024;

  static pressure closed(std::size_t connections) {
    return {0, connections};
  }

  static pressure open(double rate) {
    return {rate};
  }
};

/// What one or more turns of load saw.
struct measured {
  load::histogram latency;
  std::uint64_t answers = 0;
  /// Of streams.
  std::uint64_t items = 0;
  double seconds = 0;
  /// CPU time of the server within these.
  double cpu_us = 0;
  /// Requests, and those of an open loop that were sent late or waited for a
  /// connection.
  std::uint64_t requests = 0;
  std::uint64_t late = 0;
  /// Cores that the load generator kept busy, in the busiest turn.
  double loader_cpu = 0;

  /// Adds another turn.
  void merge(const measured& other);

  [[nodiscard]] double rate() const {
    return static_cast<double>(answers) / seconds;
  }

  [[nodiscard]] double items_rate() const {
    return static_cast<double>(items) / seconds;
  }

  [[nodiscard]] double cpu_us_per_answer() const {
    return cpu_us / static_cast<double>(answers);
  }

  [[nodiscard]] double cpu_us_per_item() const {
    return cpu_us / static_cast<double>(items);
  }

  /// Cores that the server kept busy.
  [[nodiscard]] double cores() const {
    return cpu_us / 1e6 / seconds;
  }

  [[nodiscard]] double late_share() const {
    return requests > 0
             ? static_cast<double>(late) / static_cast<double>(requests)
             : 0;
  }

  [[nodiscard]] loader_state loader() const {
    return {late_share(), loader_cpu};
  }

  [[nodiscard]] double percentile_us(double p) const {
    return static_cast<double>(latency.percentile(p).count()) / 1e3;
  }
};

/// Loads a server with the engine of `troupe bench` for `duration`, after a
/// quarter of it that is not recorded. A turn in which over 1 % of the requests
/// were late is repeated once; the one with fewer counts. A turn in which
/// nothing was answered is repeated with twice the time.
/// @throws std::runtime_error on any answer but 200, and when there is none.
measured measure(const child& server, const call& what, const pressure& how,
                 std::chrono::milliseconds duration);

/// Runs each of them `turns` times, in turn and each turn in another order, so
/// that a disturbance of the machine meets all.
/// @returns for each what it saw in all its turns
std::vector<measured>
in_turns(const std::vector<std::function<measured()>>& all, int turns = 4);

/// Load that goes on beside a measurement, from threads of its own.
class traffic {
public:
  traffic(const child& server, const call& what, const pressure& how);

  /// What was seen so far, without seconds and CPU time; waits for the first
  /// answer. @throws std::runtime_error on any answer but 200, and when none
  /// comes.
  [[nodiscard]] measured seen();

private:
  std::string path_;
  load::engine engine_;
};

} // namespace troupe::bench
