#include "troupe/actors/supervision/remote_care.hpp"

#include "troupe/actors/supervision/report/report_care.hpp"
#include "troupe/actors/supervision/revival_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using child = supervisor_state::child;

/// Whether a worker is here, even one that does not come back.
bool has_local(const child& c) {
  return std::any_of(c.places.begin(), c.places.end(), [](const auto& p) {
    return p.is_local() && p.worker != nullptr;
  });
}

/// A worker from elsewhere takes nothing any more. When it was the last one,
/// waiting requests are refused.
void go_on_without(supervisor_pointer self, child& c, const std::string& text) {
  auto& st = state_of(self);
  if (st.stopping || c.ended)
    return;
  const std::string why = "no node serves it";
  if (!c.given_up && local_count(c) > 0 && !anybody_left(c) && !has_local(c)) {
    // The workers here died too often while nodes served the model.
    give_up(self, c, why, text);
    return;
  }
  // The workers here may have been given up before.
  refresh(self, c, c.given_up ? c.config->state->reason() : why, text);
  if (c.config->state->ready_workers() > 0 || (!c.given_up && anybody_left(c)))
    return;
  const auto refusal = c.config->state->refusal();
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::fail_v, refusal);
}

} // namespace

bool is_remote(const child& c, std::uint32_t index) {
  return index < c.places.size()
         && c.places[index].record.use == supervisor_state::place_use::remote;
}

worker_actor adopt(supervisor_pointer self, const adoption& x) {
  auto& st = state_of(self);
  auto* c = find_model(st, x.model);
  if (c == nullptr || st.stopping)
    throw std::invalid_argument("model " + x.model + " is not served here");
  if (!c->config->definition.options.nodes.enabled)
    throw std::invalid_argument("model " + x.model
                                + " may not have workers on nodes; set its "
                                  "nodes.enabled at the front");
  const auto index = free_place(*c);
  worker_seat seat;
  seat.slot = slot_of(self, *c, index);
  seat.pool = pool_of(*c, index);
  seat.supervisor = static_cast<supervisor_actor>(self);
  seat.key = c->key;
  seat.where = placement{c->config->home(0), true, nullptr, true};
  auto made = x.make(self->home_system(), std::move(seat));
  auto& place = c->places[index];
  place = {};
  place.record.use = supervisor_state::place_use::remote;
  place.worker = std::move(made);
  // Nobody calls a model here.
  place.watch = std::make_shared<worker_watch>();
  watch_worker(self, *c, place.worker);
  note_start(self, *c, index, x.node);
  return place.worker;
}

void on_remote_ready(supervisor_pointer self, child& c, std::uint32_t index) {
  c.places[index].ready = true;
  if (!std::exchange(c.was_ready, true))
    state_of(self).config.log(log_level::info, c.config->label + " is ready");
  refresh(self, c);
}

void on_remote_leave(supervisor_pointer self, child& c, std::uint32_t index) {
  if (!is_remote(c, index) || c.places[index].worker == nullptr)
    return;
  c.places[index].leaves = true;
  c.places[index].ready = false;
  go_on_without(self, c, "its node leaves");
}

void on_remote_end(supervisor_pointer self, child& c, std::uint32_t index,
                   const std::string& text) {
  const auto was_there = !c.places[index].leaves;
  c.places[index] = {};
  if (was_there)
    go_on_without(self, c, text);
}

} // namespace troupe
