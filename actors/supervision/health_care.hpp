#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

/// How SUPERVISOR replaces workers whose model says that it is not well.
namespace troupe {

/// Lets each worker go, to be replaced, whose model has said no for as long as
/// `restart_options::unhealthy_after`.
void look_for_sick(supervisor_pointer self, supervisor_state::child& c);

} // namespace troupe
