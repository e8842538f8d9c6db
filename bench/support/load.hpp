#pragma once

#include "troupe/bench/support/results.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bench {

/// What a closed loop saw, in one or more turns.
struct load_result {
  std::uint64_t answers = 0;
  /// Answers that came after the time, to what was sent within it.
  std::uint64_t drained = 0;
  double seconds = 0;
  /// CPU time of the calling thread within these.
  double loader_cpu_seconds = 0;
  /// Sorted, in microseconds.
  std::vector<double> latencies_us;

  /// Adds another turn.
  void merge(const load_result& other);

  [[nodiscard]] double percentile(double p) const;

  [[nodiscard]] double rate() const {
    return static_cast<double>(answers) / seconds;
  }

  /// Answers that the server's CPU time is divided by: all.
  [[nodiscard]] double served() const {
    return static_cast<double>(answers + drained);
  }

  [[nodiscard]] loader_state loader() const {
    return {0, loader_cpu_seconds / seconds};
  }
};

/// Sends `request` over `connections` connections to 127.0.0.1, each one
/// waiting for its answer before the next, for as long as `duration`; then
/// waits for the answers that are still to come. Single-threaded.
/// @throws std::runtime_error on any answer but 200, and when none comes for 30
/// seconds.
load_result closed_loop(std::uint16_t port, const std::string& request,
                        std::size_t connections,
                        std::chrono::milliseconds duration);

/// A `POST` of a JSON body.
std::string post_request(const std::string& path, const std::string& body);

/// A server that answers `square`, under one kind of load, in all turns of a
/// round.
struct turns_taken {
  load_result load;
  double cpu_us = 0;

  /// @param server has a `port`, and says the CPU time that it used
  template <class Server>
  void turn(const Server& server, std::size_t connections,
            std::chrono::milliseconds duration) {
    static const auto request = post_request("/predict", "{\"input\": 4.0}");
    auto before = server.cpu_us();
    load.merge(closed_loop(server.port, request, connections, duration));
    cpu_us += server.cpu_us() - before;
  }

  [[nodiscard]] double cpu_us_per_answer() const {
    return cpu_us / load.served();
  }
};

} // namespace troupe::bench
