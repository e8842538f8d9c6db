#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::bench {

/// What a closed loop saw.
struct load_result {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  double seconds = 0;
  /// Sorted, in microseconds.
  std::vector<double> latencies_us;

  [[nodiscard]] double percentile(double p) const;

  [[nodiscard]] double rate() const {
    return static_cast<double>(requests) / seconds;
  }
};

/// Sends `request` over `connections` connections to 127.0.0.1, each one
/// waiting for its answer before the next, for as long as `duration`.
/// Single-threaded. An answer other than 200 is an error.
load_result closed_loop(std::uint16_t port, const std::string& request,
                        std::size_t connections,
                        std::chrono::milliseconds duration);

/// A `POST` of a JSON body.
std::string post_request(const std::string& path, const std::string& body);

} // namespace troupe::bench
