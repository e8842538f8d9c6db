#include "troupe/actors/supervision/hang_care.hpp"

#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/supervision/group_care.hpp"
#include "troupe/actors/supervision/leave_care.hpp"
#include "troupe/actors/supervision/revival_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>

namespace troupe {

namespace {

using child = supervisor_state::child;
using std::chrono::milliseconds;

const hang_options& hang_options_of(const child& c) {
  return c.config->definition.options.restart.hang;
}

std::size_t lost_count(const supervisor_state& st, const std::string& key) {
  return static_cast<std::size_t>(
    std::count_if(st.lost.begin(), st.lost.end(),
                  [&](const auto& x) { return x.key == key; }));
}

bool may_replace(const supervisor_state& st, const child& c,
                 const supervisor_state::place& place) {
  const auto& options = c.config->definition.options;
  if (options.execution == execution_mode::inlined)
    return false;
  // Nothing waits for the workers of a child that has ended, or for a worker
  // that was let go.
  return c.ended || place.leaves
         || (options.restart.hang.policy == hang_policy::replace
             && lost_count(st, c.key) < options.restart.hang.max_replaced);
}

std::string report_text(const child& c, std::uint32_t index,
                        const std::string& what) {
  return c.config->label + " worker " + std::to_string(index)
         + " has not come back from its model for "
         + std::to_string(hang_options_of(c).after.count())
         + " ms after the last of its requests was answered; " + what;
}

/// Lets another worker take the place.
/// @returns false when this one has just come back
bool replace(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& st = state_of(self);
  auto& place = c.places[index];
  if (!place.watch->replace(place.deserted))
    return false;
  const auto left = place.leaves;
  const auto then = place.then;
  const auto follows = !c.ended && (!left || place.renews());
  st.config.log(
    log_level::error,
    report_text(c, index, follows ? "it is replaced" : "it is left behind"));
  st.lost.push_back({{std::move(place.worker), std::move(place.unit)},
                     std::move(place.watch),
                     c.key,
                     c.config,
                     self->clock().now()});
  place.vacate();
  tell_from(self, pool_of(c, index), atom::reclaim_v, worker_index{index});
  st.config.board->health(*c.config->state, index, true);
  if (c.ended)
    return true;
  if (!follows) {
    static_cast<void>(on_left(self, c, index, then));
    return true;
  }
  place.coming = true;
  st.config.board->count_restart(*c.config->state);
  start_worker(self, c, index);
  refresh(self, c, "a worker did not come back and was replaced");
  if (!left)
    restart_group(self, c, index);
  return true;
}

/// There is nothing to do but to report it.
void report(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& st = state_of(self);
  c.places[index].stuck = true;
  const auto& options = hang_options_of(c);
  const auto capped = options.policy == hang_policy::replace
                      && lost_count(st, c.key) >= options.max_replaced;
  st.config.log(
    log_level::error,
    report_text(c, index,
                capped ? "it is not replaced, because too many were already"
                       : "it takes no requests until it does"));
  if (c.ended)
    return;
  const std::string why = "its workers do not come back from their model";
  if (capped && !anybody_left(c) && !c.given_up)
    give_up(self, c, why, why);
  else
    refresh(self, c, why);
}

void look(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& place = c.places[index];
  if (place.worker == nullptr)
    return;
  auto now = self->clock().now();
  auto call = place.watch->deserted();
  if (call == 0 || call != place.deserted) {
    place.deserted = call;
    place.deserted_since = place.watch->deserted_at().value_or(now);
    if (!std::exchange(place.stuck, false))
      return;
    state_of(self).config.log(
      log_level::info, c.config->label + " worker " + std::to_string(index)
                         + " has come back from its model");
    if (place.usable()) {
      c.given_up = false;
      c.revive_at.reset();
    }
    refresh(self, c);
  } else if (now - place.deserted_since < hang_options_of(c).after) {
    return;
  } else if (may_replace(state_of(self), c, place)) {
    if (!replace(self, c, index))
      return;
  } else if (!place.stuck) {
    report(self, c, index);
  } else {
    return;
  }
  count_stuck(state_of(self), c);
}

} // namespace

void count_stuck(supervisor_state& st, const child& c) {
  auto n = std::count_if(c.places.begin(), c.places.end(),
                         [](const auto& p) { return p.stuck; });
  st.config.board->stuck(*c.config->state,
                         static_cast<std::size_t>(n) + lost_count(st, c.key));
}

void look_for_stuck(supervisor_pointer self, const std::string& key) {
  auto& c = state_of(self).children.at(key);
  if (hang_options_of(c).after.count() > 0)
    for (std::uint32_t i = 0; i < c.places.size(); ++i)
      look(self, c, i);
}

bool forget_lost(supervisor_pointer self, const caf::actor_addr& source) {
  auto& st = state_of(self);
  auto i = std::find_if(st.lost.begin(), st.lost.end(), [&](const auto& x) {
    return x.worker.worker.address() == source;
  });
  if (i == st.lost.end())
    return false;
  auto gone = std::move(*i);
  st.lost.erase(i);
  end_thread(self, gone.worker.unit);
  auto after = self->clock().now() - gone.since;
  st.config.log(
    log_level::info,
    gone.config->label + ": a worker that was replaced came back after another "
      + std::to_string(std::chrono::duration_cast<milliseconds>(after).count())
      + " ms and has ended");
  if (auto c = st.children.find(gone.key); c != st.children.end())
    count_stuck(st, c->second);
  return true;
}

std::uint32_t abandon_lost(supervisor_state& st) {
  for (auto& x : st.lost)
    if (x.worker.unit != nullptr) {
      x.watch->orphan();
      x.worker.unit->stop(milliseconds{0});
    }
  auto result = static_cast<std::uint32_t>(st.lost.size());
  st.lost.clear();
  return result;
}

milliseconds look_interval(const supervisor_state& st,
                           supervisor_state::time_point now) {
  constexpr milliseconds shortest{5};
  auto result = longest_delay;
  for (const auto& [key, c] : st.children) {
    const auto& options = c.config->definition.options;
    if (auto alive = options.restart.supervision.keep_alive; alive.count() > 0)
      result = std::min(result, alive / 4);
    if (auto after = hang_options_of(c).after; after.count() > 0) {
      result = std::min(result, after / 4);
      // Looks again as soon as a worker may count as stuck.
      for (const auto& place : c.places)
        if (place.deserted != 0 && !place.stuck)
          result = std::min(result, std::chrono::ceil<milliseconds>(
                                      place.deserted_since + after - now));
    }
  }
  return std::max(result, shortest);
}

} // namespace troupe
