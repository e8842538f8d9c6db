#include "troupe/actors/supervision/health_care.hpp"

#include "troupe/actors/supervision/leave_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

namespace troupe {

void look_for_sick(supervisor_pointer self, supervisor_state::child& c) {
  const auto limit = c.config->definition.options.restart.unhealthy_after;
  if (limit.count() == 0 || c.retiring)
    return;
  const auto now = self->clock().now();
  for (std::uint32_t i = 0; i < c.places.size(); ++i) {
    auto& place = c.places[i];
    if (!place.ready || place.leaves || !place.is_local()
        || !place.watch->sick()) {
      place.sick_since.reset();
      continue;
    }
    if (!place.sick_since)
      place.sick_since = now;
    if (now - *place.sick_since < limit)
      continue;
    state_of(self).config.log(log_level::error,
                              c.config->label + " worker " + std::to_string(i)
                                + " has not been well for "
                                + std::to_string(limit.count())
                                + " ms; it is replaced after what it is doing");
    let_go(self, c, i, supervisor_state::after_leave::replace);
    refresh(self, c, "a worker was not well and is replaced");
  }
}

} // namespace troupe
