#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/spec/running_calls.hpp"
#include "troupe/specs/spec/spec.hpp"

namespace troupe {

/// Runs the handler that an exchange matched and does what it orders: answers,
/// or calls models (`call_join`). Catches what the handler throws. The exchange
/// is answered, or will be by the models.
/// @param known the named calls of this spec
/// @param host the calling thread's unit, or null; see `dispatch`
void run_handler(const spec& s, const snapshot_cell& table,
                 const exchange_ptr& ex, const log_sink& log,
                 running_calls& known, execution_unit* host);

} // namespace troupe
