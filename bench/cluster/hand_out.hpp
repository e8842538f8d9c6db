#pragma once

#include "troupe/bench/cluster/queueing.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::bench {

/// Returns the CPU time, in nanoseconds, that POOL's logic needs for a
/// request: it comes in, is handed to one of so many nodes, and its end is
/// reported. The nodes take four requests each and are busy with half of that,
/// each with as much as the choice of the least busy one gives it.
double hand_out_ns(caf::actor_system& sys, std::uint32_t nodes,
                   std::size_t requests, dice& random);

} // namespace troupe::bench
