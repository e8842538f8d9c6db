#include "troupe/actors/supervision/revival_care.hpp"

#include "troupe/actors/supervision/group_care.hpp"
#include "troupe/actors/supervision/sleep_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe {

namespace {

using child = supervisor_state::child;

/// How often the pause before a revival doubles.
constexpr unsigned most_doublings = 4;

const restart_options& restarts_of(const child& c) {
  return c.config->definition.options.restart;
}

/// Whether a place has no worker, and none is coming.
bool is_empty(const supervisor_state::place& x) {
  return x.is_local() && x.worker == nullptr && !x.coming;
}

/// Lets the next look at a child try everything again.
/// @returns whether there is anything
bool make_due(child& c, supervisor_state::time_point now) {
  if (c.sleep.asleep)
    return false;
  if (c.given_up) {
    c.revive_at = now;
    c.revivals = 0;
    return true;
  }
  auto result = false;
  for (auto& place : c.places)
    if (is_empty(place)) {
      place.rests_until = now;
      place.record.failures = 0;
      result = true;
    }
  if (result)
    c.budget = restart_budget{restarts_of(c)};
  return result;
}

} // namespace

void give_up(supervisor_pointer self, child& c, const std::string& reason,
             const std::string& detail) {
  c.given_up = true;
  c.sleep.asleep = c.sleep.waking = false;
  for (auto& place : c.places) {
    place.rests_until.reset();
    // A restart that was on its way is off.
    place.coming = false;
  }
  refresh(self, c, reason, detail);
  const auto text = c.config->state->refusal(model_phase::failed, reason);
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::fail_v, text);
  plan_revival(self, c);
  give_up_group(self, c);
}

void plan_revival(supervisor_pointer self, child& c) {
  using std::chrono::milliseconds;
  auto pause = restarts_of(c).revive_after;
  if (pause.count() == 0)
    return;
  pause *= 1U << std::min(c.revivals, most_doublings);
  ++c.revivals;
  // So that models that failed together do not all come back at once.
  const auto less =
    static_cast<double>(pause.count()) / 4 * state_of(self).config.chance();
  pause -= milliseconds{static_cast<milliseconds::rep>(less)};
  c.revive_at = self->clock().now() + pause;
  state_of(self).config.log(log_level::info,
                            c.config->label + " is tried again in "
                              + std::to_string(pause.count()) + " ms");
}

void revive(supervisor_pointer self, child& c) {
  auto now = self->clock().now();
  const auto all = c.given_up && c.revive_at && *c.revive_at <= now;
  if (all) {
    c.revive_at.reset();
    c.budget = restart_budget{restarts_of(c)};
    for (auto& place : c.places)
      if (place.is_local())
        place.coming = place.worker == nullptr;
  }
  for (std::uint32_t i = 0; i < c.places.size(); ++i) {
    auto& place = c.places[i];
    const auto rested = place.rests_until && *place.rests_until <= now;
    if (!place.is_local() || place.worker != nullptr || !(all || rested))
      continue;
    place.rests_until.reset();
    state_of(self).config.board->count_restart(*c.config->state);
    start_worker(self, c, i);
  }
}

void revive_now(supervisor_pointer self, const std::string& model) {
  auto& st = state_of(self);
  auto* c = find_model(st, model);
  if (c == nullptr || st.stopping)
    throw std::invalid_argument("model " + model + " is not served here");
  if (c->sleep.asleep) {
    wake(self, *c, "it is loaded because an operator asked for it");
    return;
  }
  const auto now = self->clock().now();
  auto any = make_due(*c, now);
  std::vector<child*> due{c};
  for (auto* other : mates_of(st, *c)) {
    any = make_due(*other, now) || any;
    due.push_back(other);
  }
  if (!any)
    throw std::invalid_argument(
      "model " + model
      + " was not given up, and all of its workers run or are starting");
  for (auto* x : due) {
    st.config.log(log_level::info, x->config->label + " is tried again now");
    revive(self, *x);
  }
}

} // namespace troupe
