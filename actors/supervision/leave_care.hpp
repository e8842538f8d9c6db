#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <cstdint>

/// How SUPERVISOR takes a worker away that is here and well: parts of its
/// handlers.
namespace troupe {

/// Lets a worker end after its last call; one that is being set up, after that.
/// An empty place is only released, if that is what follows.
void let_go(supervisor_pointer self, supervisor_state::child& c,
            std::uint32_t index, supervisor_state::after_leave then);

/// Takes a worker out of its queue, and ends it when its last call is over.
void retire_worker(supervisor_pointer self, const supervisor_state::child& c,
                   std::uint32_t index);

/// Makes a place free: its worker has ended and nobody follows.
void release_place(supervisor_pointer self, supervisor_state::child& c,
                   std::uint32_t index);

/// Does what follows when a worker that was let go has ended as told.
/// @returns false when it counts as a death
bool on_left(supervisor_pointer self, supervisor_state::child& c,
             std::uint32_t index, supervisor_state::after_leave then);

} // namespace troupe
