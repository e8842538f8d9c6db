#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <cstdint>
#include <string>

/// How SUPERVISOR changes the number of a model's workers: parts of its
/// handlers.
namespace troupe {

/// Says why the number of a model's workers is always the same, after its name;
/// "" when it can change.
[[nodiscard]] std::string why_not_scaled(const model_definition& x);

/// Sets how many workers a model has, at least and at most.
/// @throws std::invalid_argument when it cannot have them
void set_range(supervisor_pointer self, const std::string& model,
               worker_range range);

/// Adds workers that are missing, takes away those that are too many, and asks
/// the queue how it is where the number may change.
void look_at_load(supervisor_pointer self, supervisor_state::child& c);

/// A worker is ready in its place for the first time.
void on_proven(supervisor_state::child& c, std::uint32_t index);

/// A worker that was added could not be set up: no more are added for a while.
void on_failed_growth(supervisor_pointer self, supervisor_state::child& c,
                      std::uint32_t index);

} // namespace troupe
