#pragma once

#include "troupe/cli/bench/load/arrivals.hpp"
#include "troupe/cli/bench/load/request_source.hpp"
#include "troupe/cli/bench/measure/window_stats.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::load {

/// How hard to push.
struct load_level {
  /// Requests/s of an open loop; 0: a closed loop, in which each connection
  /// waits for its answer before it sends again.
  double rate = 0;
  /// Of a closed loop; the most that an open loop opens.
  std::size_t connections = 1;
};

/// What all levels of a run share.
struct engine_options {
  request_options request = {};
  /// Not above the connections of a level.
  std::size_t threads = 1;
  arrival_kind arrivals = arrival_kind::constant;
  std::uint64_t seed = 1;
  /// For one request, from when it is sent.
  std::chrono::nanoseconds timeout = std::chrono::seconds{30};
  /// Accept any certificate.
  bool insecure = false;
  /// Certificates to trust, PEM; empty: the system's.
  std::string ca_file = {};
};

/// Sends one level of load from threads of its own. Use from one thread.
///
/// Open loop: requests are sent when the plan says, whatever the server does;
/// when all connections are busy they wait in a queue, and count from their
/// planned time all the same (no coordinated omission).
class engine {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Begins to send at once. What is planned before `start`, the warm-up, is
  /// not recorded.
  /// @throws std::invalid_argument when a request can't be made of the options;
  ///   std::runtime_error when the host has no address, or TLS can't be set up.
  engine(const engine_options& options, const load_level& level,
         time_point start, std::chrono::nanoseconds window);

  /// Closes all connections.
  ~engine();

  /// What window `index` has so far.
  [[nodiscard]] window_stats window(std::size_t index);

  /// Good answers that came in each second since `start`, so far.
  [[nodiscard]] std::vector<std::uint64_t> each_second();

  /// Above the numbers of all requests so far.
  [[nodiscard]] std::uint64_t next_number();

  /// Plans nothing more from `end` on, and waits for the answers to what was
  /// planned before, at most for `patience`; what has none then is counted as
  /// unfinished.
  void finish(time_point end, std::chrono::nanoseconds patience);

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace troupe::load
