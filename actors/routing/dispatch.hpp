#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace troupe {

/// Tells the queue of a target that one of its requests was given up. With a
/// `host` as in `dispatch`.
void sweep(const route_target& target, std::uint32_t shard,
           execution_unit* host);

/// Hands an exchange to the actor behind a target, if the client is allowed,
/// the model is ready and the admission has a ticket. With a `host` an actor
/// that visits runs on that unit, which must be the calling thread's.
/// @returns the refusal, and leaves the exchange, unanswered; or nothing, and
///          takes it.
/// @param above as in `admission_ticket`
std::optional<failure> dispatch(const route_target& target, exchange_ptr& ex,
                                execution_unit* host, std::size_t above = 0);

} // namespace troupe
