#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <string>

/// How SUPERVISOR gives a model up and tries it again: parts of its handlers.
namespace troupe {

/// Takes a child out of service until it is revived: what waits is refused,
/// what runs goes on. With it goes its group, if that stands and falls
/// together.
/// @param reason for everybody
/// @param detail with the text of the exception, for operators
void give_up(supervisor_pointer self, supervisor_state::child& c,
             const std::string& reason, const std::string& detail);

/// Plans when a child that was given up is tried again, if the options say so.
void plan_revival(supervisor_pointer self, supervisor_state::child& c);

/// Tries again what was not replaced, and a child that was given up, if it is
/// time.
void revive(supervisor_pointer self, supervisor_state::child& c);

/// Tries all of that again now, for a model and its group.
/// @throws std::invalid_argument when there is nothing to try
void revive_now(supervisor_pointer self, const std::string& model);

} // namespace troupe
