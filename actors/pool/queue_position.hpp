#pragma once

#include "troupe/actors/pool/fair_queue.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/queue_options.hpp"

#include <cstdint>
#include <string_view>

namespace troupe {

/// Returns where a request stands in the queue of a model with these options.
[[nodiscard]] queue_position position_of(const exchange& ex,
                                         const queue_options& options);

/// Reads the urgency of a `Priority` field (RFC 9218, section 4.1), a
/// dictionary of structured fields: `u=1, i`. What is malformed, out of range
/// or not there counts as 3.
[[nodiscard]] std::uint8_t urgency_of(std::string_view priority) noexcept;

} // namespace troupe
