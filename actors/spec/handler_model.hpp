#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/spec/running_calls.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <memory>

namespace troupe {

/// Describes the threads that run the handlers of a spec: WORKERs that run
/// handlers instead of a model, so that SUPERVISOR keeps and ends them as it
/// does others. Their queue is SPEC's own.
/// @param known the named calls of this spec
model_definition handler_workers(std::shared_ptr<const spec> s,
                                 std::shared_ptr<const snapshot_cell> table,
                                 std::shared_ptr<running_calls> known);

} // namespace troupe
