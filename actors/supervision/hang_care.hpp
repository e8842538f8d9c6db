#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <chrono>
#include <string>

/// How SUPERVISOR finds workers that do not come back from their model, and
/// what it does about them: parts of its handlers.
namespace troupe {

/// Looks at the workers of a child. One that has been in a call that nobody
/// waits for as long as `hang_options::after` is reported, and replaced if the
/// options say so; one that is back takes its place again.
void look_for_stuck(supervisor_pointer self, const std::string& key);

/// Tells the status board how many workers of a child do not come back: those
/// that hold a place and those that were replaced.
void count_stuck(supervisor_state& st, const supervisor_state::child& c);

/// Forgets a replaced worker that has ended.
/// @returns whether `source` is one
bool forget_lost(supervisor_pointer self, const caf::actor_addr& source);

/// Leaves every replaced worker behind for good. @returns how many
std::uint32_t abandon_lost(supervisor_state& st);

/// Returns when to look next.
std::chrono::milliseconds look_interval(const supervisor_state& st,
                                        supervisor_state::time_point now);

} // namespace troupe
