#pragma once

#include "troupe/specs/values/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe {

/// Why a request was turned away although it was in order.
enum class refusal_reason : std::uint8_t {
  /// It was not turned away.
  none,
  /// The model's queue is full.
  queue_full,
  /// The model loads, was given up, or has no worker.
  not_ready,
  /// The server is about to end.
  draining,
  /// The caller is over its rate.
  rate_limit,
  /// Too many requests of the endpoint or the caller are in work.
  concurrency,
  /// Its deadline would pass before its turn.
  deadline,
  /// Memory or connections of the server are used up.
  resources,
  /// Workers died of the same input.
  shunned_input,
};

/// The number of reasons, `none` included.
inline constexpr std::size_t refusal_reason_count =
  static_cast<std::size_t>(refusal_reason::shunned_input) + 1;

/// Returns the word for labels and log lines, e.g. `queue_full`.
std::string_view to_string(refusal_reason x) noexcept;

/// Returns what a failure with this code was refused for when nobody said more.
refusal_reason refusal_of(errc code) noexcept;

} // namespace troupe
