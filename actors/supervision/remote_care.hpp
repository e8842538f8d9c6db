#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <cstdint>
#include <string>

/// How SUPERVISOR keeps the workers of a model that stand for ones on other
/// machines: parts of its handlers. Their places come after those of the
/// workers that are here; one that is left is taken by the next.
namespace troupe {

/// Takes a worker in.
/// @throws std::invalid_argument when no node may serve the model, or when it
///         is not served
worker_actor adopt(supervisor_pointer self, const adoption& x);

/// Whether the place is one for a worker from elsewhere.
bool is_remote(const supervisor_state::child& c, std::uint32_t index);

/// A worker from elsewhere takes requests.
void on_remote_ready(supervisor_pointer self, supervisor_state::child& c,
                     std::uint32_t index);

/// It takes nothing new, and ends when it has answered what it has.
void on_remote_leave(supervisor_pointer self, supervisor_state::child& c,
                     std::uint32_t index);

/// Its machine is lost, or has left.
void on_remote_end(supervisor_pointer self, supervisor_state::child& c,
                   std::uint32_t index, const std::string& text);

} // namespace troupe
