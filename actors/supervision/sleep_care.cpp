#include "troupe/actors/supervision/sleep_care.hpp"

#include "troupe/actors/supervision/leave_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using child = supervisor_state::child;
using place_use = supervisor_state::place_use;
using after = supervisor_state::after_leave;

const supervision_options& keeping_of(const child& c) {
  return c.config->definition.options.restart.supervision;
}

/// Whether it may be found to have nothing to do.
bool may_sleep(const supervisor_state& st, const child& c) {
  return keeping_of(c).keep_alive.count() > 0 && !c.sleep.asleep
         && !c.sleep.waking && !c.given_up && !c.retiring && !st.stopping
         && c.config->state->ready_workers() > 0;
}

/// Calls `f` with the child when it is still there.
template <class F>
void with_sleeper(supervisor_pointer self, const std::string& key, F&& f) {
  auto& children = state_of(self).children;
  if (auto i = children.find(key); i != children.end())
    f(i->second);
}

/// Waits for the first request.
void listen(supervisor_pointer self, child& c) {
  if (std::exchange(c.sleep.listens, true))
    return;
  auto heard = [self, key = c.key](bool any) {
    with_sleeper(self, key, [&](child& x) {
      x.sleep.listens = false;
      if (any)
        wake(self, x, "a request came for it");
    });
  };
  // Only a POOL has workers that may go, see `model_options::validate`.
  self
    ->request(caf::actor_cast<pool_actor>(c.pools.front()), caf::infinite,
              atom::wake_v)
    .then([heard](atom::ready) { heard(true); },
          [heard](const caf::error&) { heard(false); });
}

void fall_asleep(supervisor_pointer self, child& c, const std::string& why) {
  auto& st = state_of(self);
  st.config.log(log_level::info, c.config->label + " is unloaded: " + why);
  const auto before = local_count(c);
  c.sleep.asleep = true;
  c.sleep.quiet_since.reset();
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < c.places.size(); ++i) {
    auto& place = c.places[i];
    if (!place.is_local())
      continue;
    place.rests_until.reset();
    place.record.failures = 0;
    const auto stays = kept < c.scale.range.min;
    kept += stays ? 1 : 0;
    let_go(self, c, i, stays ? after::rest : after::release);
  }
  if (kept < before)
    st.config.board->scaled(
      *c.config->state, kept, c.scale.range,
      "it was unloaded and comes back with its least number of workers");
  refresh(self, c, why);
  listen(self, c);
}

/// Says what the queue's numbers mean.
void on_seen(supervisor_pointer self, child& c, const pool_status& x) {
  auto& s = c.sleep;
  s.asked = false;
  if (!may_sleep(state_of(self), c))
    return;
  const auto now = self->clock().now();
  if (x.queued + x.running > 0) {
    s.quiet_since.reset();
  } else if (!s.quiet_since || x.taken != s.taken) {
    s.quiet_since = now;
  } else if (const auto limit = keeping_of(c).keep_alive;
             now - *s.quiet_since >= limit) {
    fall_asleep(self, c,
                "it had no request for " + std::to_string(limit.count())
                  + " ms; the next one loads it");
  }
  s.taken = x.taken;
}

} // namespace

void start_child(supervisor_pointer self, child& c) {
  // A model that is to replace a serving one must show that it works.
  if (keeping_of(c).load == load_time::first_request && !c.config->off_board)
    fall_asleep(self, c, "no request has come yet; the first one loads it");
  else
    start_workers(self, c);
}

void look_for_sleep(supervisor_pointer self, child& c) {
  if (c.sleep.asked || !may_sleep(state_of(self), c))
    return;
  c.sleep.asked = true;
  self->request(c.pools.front(), caf::infinite, atom::status_v)
    .then(
      [self, key = c.key](const pool_status& x) {
        with_sleeper(self, key, [&](child& found) { on_seen(self, found, x); });
      },
      [self, key = c.key](const caf::error&) {
        with_sleeper(self, key,
                     [](child& found) { found.sleep.asked = false; });
      });
}

void wake(supervisor_pointer self, child& c, const std::string& why) {
  auto& st = state_of(self);
  if (!c.sleep.asleep || c.ended || st.stopping)
    return;
  st.config.log(log_level::info, c.config->label + " is loaded: " + why);
  c.sleep.asleep = false;
  c.sleep.waking = true;
  c.scale.policy.reset(self->clock().now());
  // The number may have been changed meanwhile.
  auto missing = c.scale.range.min;
  std::vector<std::uint32_t> fresh;
  for (std::uint32_t i = 0; i < c.places.size(); ++i) {
    auto& place = c.places[i];
    if (!place.is_local())
      continue;
    if (missing == 0) {
      let_go(self, c, i, after::release);
      continue;
    }
    --missing;
    place.record.awaited = true;
    if (place.leaves)
      place.then = after::wake;
    else
      fresh.push_back(i);
  }
  for (; missing > 0; --missing) {
    const auto index = free_place(c);
    auto& place = c.places[index];
    place = {};
    place.record = {place_use::local, true, false, false, 0, true};
    fresh.push_back(index);
  }
  // First, so that the first worker that fails is not taken for the last one.
  for (auto index : fresh)
    c.places[index].coming = true;
  refresh(self, c, why);
  for (auto index : fresh)
    start_worker(self, c, index);
}

bool load_failed(child& c, std::uint32_t index) {
  if (!std::exchange(c.places[index].record.awaited, false) || !c.sleep.waking)
    return false;
  c.sleep.waking = std::any_of(c.places.begin(), c.places.end(),
                               [](const auto& p) { return p.record.awaited; });
  return !c.sleep.waking;
}

void refuse_waiting(supervisor_pointer self, const child& c) {
  // The queue already knows of a model that was given up.
  if (c.given_up)
    return;
  const auto text = c.config->state->refusal();
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::fail_v, text);
}

} // namespace troupe
