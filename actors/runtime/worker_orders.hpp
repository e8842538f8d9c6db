#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/specs/model/model.hpp"

#include <string>

/// What a runtime orders SUPERVISOR to do about the workers of a model.
namespace troupe {

/// Sets how many workers a model has.
/// @param supervisor null before the start
/// @param model null when there is none of that name
/// @returns its options with that
/// @throws std::invalid_argument, std::runtime_error, see `runtime::scale`
model_options order_workers(caf::actor_system& sys,
                            const supervisor_actor& supervisor,
                            const model_definition* model,
                            const std::string& name, worker_range range);

/// Revives a model.
/// @throws std::invalid_argument, std::runtime_error, see `runtime::revive`
void order_revival(caf::actor_system& sys, const supervisor_actor& supervisor,
                   const model_definition* model, const std::string& name);

} // namespace troupe
