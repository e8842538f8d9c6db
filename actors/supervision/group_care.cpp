#include "troupe/actors/supervision/group_care.hpp"

#include "troupe/actors/supervision/leave_care.hpp"
#include "troupe/actors/supervision/revival_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

namespace troupe {

namespace {

using child = supervisor_state::child;
using after = supervisor_state::after_leave;

bool together(const child& c) {
  const auto& x = c.config->definition.options.restart.supervision;
  return !x.group.empty() && x.strategy == group_strategy::one_for_all;
}

/// Starts every worker again that is ready, but one.
void restart_all(supervisor_pointer self, child& c,
                 const supervisor_state::place* but) {
  for (std::uint32_t i = 0; i < c.places.size(); ++i) {
    const auto& place = c.places[i];
    if (&place != but && place.ready && place.is_local() && !place.leaves)
      let_go(self, c, i, after::restart);
  }
}

} // namespace

std::vector<child*> mates_of(supervisor_state& st, const child& c) {
  std::vector<child*> result;
  if (!together(c) || c.retiring)
    return result;
  for (auto& [key, x] : st.children)
    if (&x != &c && !x.retiring && together(x)
        && x.config->definition.options.restart.supervision.group
             == c.config->definition.options.restart.supervision.group)
      result.push_back(&x);
  return result;
}

void restart_group(supervisor_pointer self, child& c, std::uint32_t dead) {
  auto& st = state_of(self);
  if (!together(c) || c.retiring || st.stopping)
    return;
  const std::string why =
    "a worker of " + c.config->label + ", which is in its group, was lost";
  restart_all(self, c, &c.places[dead]);
  refresh(self, c, c.config->state->reason(), c.config->state->detail());
  for (auto* other : mates_of(st, c)) {
    if (other->given_up || other->sleep.asleep)
      continue;
    st.config.log(log_level::info,
                  other->config->label + " is started again: " + why);
    restart_all(self, *other, nullptr);
    refresh(self, *other, why);
  }
}

void give_up_group(supervisor_pointer self, const child& c) {
  // The failure of a model that was to replace a serving one does no harm.
  if (c.config->off_board && !c.was_ready)
    return;
  const auto why = c.config->label + ", which is in its group, was given up";
  for (auto* other : mates_of(state_of(self), c)) {
    if (other->given_up)
      continue;
    state_of(self).config.log(log_level::error,
                              other->config->label + " is given up: " + why);
    for (std::uint32_t i = 0; i < other->places.size(); ++i)
      if (other->places[i].is_local())
        let_go(self, *other, i, after::rest);
    give_up(self, *other, why, why);
  }
}

} // namespace troupe
