#pragma once

#include "troupe/cli/bench/measure/histogram.hpp"

#include <array>
#include <cstdint>
#include <map>

namespace troupe::load {

/// Why a request got no whole answer.
enum class failure {
  /// No connection, or no TLS session.
  connect,
  /// The server closed or reset the connection before the answer was whole; for
  /// a stream: it was aborted.
  closed,
  /// No whole answer within the timeout.
  timeout,
  /// What came is not HTTP.
  malformed,
  /// Planned, but without an answer when the measurement had ended.
  unfinished
};

constexpr std::size_t failure_kinds = 5;

const char* to_string(failure what) noexcept;

/// What was seen of the requests that were planned within one stretch of time.
/// A value; one for each thread and window, merged at the end.
struct window_stats {
  /// Of answers with a status below 400: from the planned time (closed loop:
  /// the send) to the last byte.
  histogram latency;
  /// Of errors: from the same time to the last byte of a status of 400 and
  /// above, or to when no answer was waited for any more.
  histogram error_latency;
  /// Open loop only: the good answers from when they were sent.
  histogram service_time;
  /// Streams only: to the first item, and from item to item.
  histogram first_item;
  histogram between_items;

  /// Answers with a status below 400 whose last byte came within the window,
  /// whenever they were planned; and the items that came in it.
  std::uint64_t completed = 0;
  std::uint64_t items = 0;

  std::map<unsigned, std::uint64_t> statuses;
  std::array<std::uint64_t, failure_kinds> failures{};
  /// Bytes of requests that were sent; bytes that came in.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;

  /// Open loop only. Requests sent over 1 ms after their time although a
  /// connection was free: the load generator was too slow.
  std::uint64_t late = 0;
  /// Open loop only. Requests that waited because all connections were busy.
  std::uint64_t queued = 0;

  void merge(const window_stats& other);

  void fail(failure what) {
    ++failures[static_cast<std::size_t>(what)];
  }

  /// What percentiles are taken of: good answers, and those errors that took
  /// longer than the median of these, a timeout for instance. Faster errors
  /// would flatter it. Empty without a good answer.
  [[nodiscard]] histogram latency_with_slow_errors() const;

  /// Answers of any status.
  [[nodiscard]] std::uint64_t answers() const;
  /// Answers with a status of 400 and above, and failures.
  [[nodiscard]] std::uint64_t errors() const;
  /// Answers and failures.
  [[nodiscard]] std::uint64_t requests() const;
};

} // namespace troupe::load
