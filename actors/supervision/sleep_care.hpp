#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <cstdint>
#include <string>

/// How SUPERVISOR unloads a model that gets no requests, and loads it again:
/// parts of its handlers. A child that is asleep keeps its places, as many as
/// its least number of workers, and they are empty.
namespace troupe {

/// Starts the workers of a new child, or leaves that to its first request.
void start_child(supervisor_pointer self, supervisor_state::child& c);

/// Lets every worker go when the child had no request for long enough.
void look_for_sleep(supervisor_pointer self, supervisor_state::child& c);

/// Starts the workers of a child that is asleep. @param why for the log
void wake(supervisor_pointer self, supervisor_state::child& c,
          const std::string& why);

/// A worker was lost, or could not be started.
/// @returns whether it was the last one that requests waited for since the
/// child was asleep
bool load_failed(supervisor_state::child& c, std::uint32_t index);

/// Refuses what waits with the child's reason, until a worker is ready.
void refuse_waiting(supervisor_pointer self, const supervisor_state::child& c);

} // namespace troupe
