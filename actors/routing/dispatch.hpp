#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"

#include <cstdint>
#include <optional>

namespace troupe {

/// Tells the owner of a target's requests that somebody gave up on one. With a
/// `host` as in `dispatch`.
void sweep(const route_target& target, std::uint32_t shard,
           execution_unit* host);

/// Hands an exchange to the actor behind a target, if the client may, the model
/// is there and the bound lets it in. With a `host` an actor that visits runs
/// on that unit, which must be the calling thread's.
/// @returns the refusal, and leaves the exchange, unanswered; or nothing, and
///          takes it.
std::optional<failure> dispatch(const route_target& target, exchange_ptr& ex,
                                execution_unit* host);

} // namespace troupe
