#pragma once

#include "troupe/http/limits/timer_wheel.hpp"
#include "troupe/http/options.hpp"

#include <cstdint>

namespace troupe {

/// Says until when the rest of a request must have come. Pure; the caller
/// brings the time, and only for a request that does not come at once.
///
/// A header section has `header_timeout` from its first byte. A body has
/// `body_timeout` between two reads, and must come at
/// `min_body_bytes_per_second` on the average, after a first `body_timeout`
/// that is free; so a byte now and then does not hold a connection. All of it
/// has `receive_timeout`.
class arrival {
public:
  using time_point = timer_wheel::time_point;

  /// @param limits not copied
  explicit arrival(const connection_limits& limits) noexcept
    : limits_(&limits) {
    // nop
  }

  /// Counts bytes of the body.
  void take(std::uint64_t bytes) noexcept {
    bytes_ += bytes;
  }

  /// More of the header section must come; @returns until when.
  time_point await_header(time_point now) noexcept;

  /// More of the body must come; @returns until when.
  time_point await_body(time_point now) noexcept;

private:
  [[nodiscard]] time_point bounded(time_point due) const noexcept;

  const connection_limits* limits_;
  /// When this was asked first, for the request and for its body; `max()` means
  /// not yet.
  time_point began_ = time_point::max();
  time_point body_began_ = time_point::max();
  std::uint64_t bytes_ = 0;
};

} // namespace troupe
