#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <vector>

/// How SUPERVISOR keeps models together that stand and fall together
/// (`group_strategy::one_for_all`): parts of its handlers.
namespace troupe {

/// Returns the other models of a group that stands and falls together.
std::vector<supervisor_state::child*>
mates_of(supervisor_state& st, const supervisor_state::child& c);

/// A worker of the child died and comes again: so do all others of the group,
/// each after what it is doing.
void restart_group(supervisor_pointer self, supervisor_state::child& c,
                   std::uint32_t dead);

/// The child was given up: so are the others of the group.
void give_up_group(supervisor_pointer self, const supervisor_state::child& c);

} // namespace troupe
