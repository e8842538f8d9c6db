#pragma once

#include "troupe/actors/routing/routing.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <memory>
#include <string>

namespace troupe {

/// Runs the handler that an exchange matched and does what it orders: answers,
/// or hands a translated exchange to the pool of a model. Catches what the
/// handler throws. The exchange is answered, or will be by the model.
/// @param host the calling thread's execution unit, or null
void run_handler(const spec& s, const snapshot_cell& table,
                 const exchange_ptr& ex, const log_sink& log,
                 caf::execution_unit* host);

/// What SUPERVISOR calls the handlers of a spec; no model can have that name.
std::string handlers_name(const spec& s);

/// The handlers of a spec as a model, so that blocking handlers get what
/// models have: a pool with a bound, threads, deadlines, restarts, draining.
model_definition handlers_as_model(std::shared_ptr<const spec> s,
                                   std::shared_ptr<const snapshot_cell> table);

} // namespace troupe
