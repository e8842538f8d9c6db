#include "troupe/actors/supervision/remote_care.hpp"

#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using child = supervisor_state::child;

std::size_t local_count(const child& c) {
  return c.config->definition.options.workers * c.config->shards;
}

/// Returns the model of this name that serves; one that retires does not.
child* find_model(supervisor_state& st, const std::string& name) {
  for (auto& [key, c] : st.children)
    if (c.config->definition.options.name == name && !c.retiring
        && !c.config->make_queue)
      return &c;
  return nullptr;
}

/// Returns a place that is free.
std::uint32_t free_place(child& c) {
  auto first = c.places.begin() + static_cast<std::ptrdiff_t>(local_count(c));
  auto i = std::find_if(first, c.places.end(),
                        [](const auto& p) { return p.worker == nullptr; });
  const auto index = static_cast<std::uint32_t>(i - c.places.begin());
  if (i == c.places.end())
    c.places.emplace_back();
  return index;
}

} // namespace

bool is_remote(const child& c, std::uint32_t index) {
  return index >= local_count(c);
}

worker_actor adopt(supervisor_pointer self, const adoption& x) {
  auto& st = state_of(self);
  auto* c = find_model(st, x.model);
  if (c == nullptr || st.stopping)
    throw std::invalid_argument("model " + x.model + " is not served here");
  const auto& options = c->config->definition.options;
  if (!options.nodes.enabled)
    throw std::invalid_argument("model " + x.model
                                + " may not have workers on nodes; set its "
                                  "nodes.enabled at the front");
  const auto index = free_place(*c);
  worker_seat seat;
  seat.slot.model = options.name;
  seat.slot.index = index;
  seat.slot.log = st.config.log;
  seat.slot.values = st.config.values;
  seat.slot.callbacks = st.config.callbacks;
  seat.pool = c->pools[index % c->pools.size()];
  seat.supervisor = static_cast<supervisor_actor>(self);
  seat.key = c->key;
  seat.where = placement{c->config->home(0), true, nullptr, true};
  auto& place = c->places[index];
  place = {};
  place.worker = x.make(self->home_system(), std::move(seat));
  // Nobody calls a model here.
  place.watch = std::make_shared<worker_watch>();
  self->monitor(place.worker);
  return place.worker;
}

void on_remote_ready(supervisor_pointer self, child& c, std::uint32_t index) {
  c.places[index].ready = true;
  if (!std::exchange(c.was_ready, true))
    state_of(self).config.log(log_level::info, c.config->label + " is ready");
  refresh(self, c);
}

void on_remote_end(supervisor_pointer self, child& c, std::uint32_t index,
                   const std::string& text) {
  c.places[index] = {};
  auto& st = state_of(self);
  if (st.stopping || c.ended)
    return;
  if (c.given_up) {
    // What is here was given up before; nothing else serves the model now.
    refresh(self, c, c.config->state->reason(), text);
  } else {
    refresh(self, c, "no node serves it", text);
  }
  if (c.config->state->ready_workers() > 0 || (!c.given_up && anybody_left(c)))
    return;
  const auto why = c.config->state->refusal(c.config->state->phase(),
                                            c.config->state->reason());
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::fail_v, why);
}

} // namespace troupe
