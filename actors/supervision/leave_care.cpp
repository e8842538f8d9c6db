#include "troupe/actors/supervision/leave_care.hpp"

#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

namespace troupe {

using after = supervisor_state::after_leave;

void let_go(supervisor_pointer self, supervisor_state::child& c,
            std::uint32_t index, after then) {
  auto& place = c.places[index];
  if (place.worker == nullptr) {
    if (then == after::release)
      release_place(self, c, index);
    else if (then == after::rest)
      place.coming = false;
    return;
  }
  const auto asked = place.leaves;
  place.leaves = true;
  place.then = then;
  // One that is being set up offers itself to the queue first.
  if (asked || !place.ready)
    return;
  place.ready = false;
  retire_worker(self, c, index);
}

void retire_worker(supervisor_pointer self, const supervisor_state::child& c,
                   std::uint32_t index) {
  auto end = [self, key = c.key, index,
              worker = c.places[index].worker.address()] {
    auto& children = state_of(self).children;
    const auto i = children.find(key);
    if (i == children.end() || index >= i->second.places.size())
      return;
    auto& place = i->second.places[index];
    if (place.worker == nullptr || place.worker.address() != worker)
      return;
    place.told = true;
    self->send_exit(place.worker, caf::exit_reason::user_shutdown);
    place.watch->interrupt();
  };
  // Without a bound, as with a drain: its requests have limits of their own.
  self
    ->request(pool_of(c, index), caf::infinite, atom::retire_v,
              worker_index{index})
    .then([end](atom::drained) { end(); }, [end](const caf::error&) { end(); });
}

void release_place(supervisor_pointer self, supervisor_state::child& c,
                   std::uint32_t index) {
  auto& place = c.places[index];
  end_thread(self, place.unit);
  state_of(self).config.board->health(*c.config->state, index, true);
  if (place.record.in_bound && c.config->admission != nullptr)
    c.config->admission->shrink(c.config->definition.options.batch.max_size);
  place = {};
  c.histories.erase(index);
}

bool on_left(supervisor_pointer self, supervisor_state::child& c,
             std::uint32_t index, after then) {
  switch (then) {
    case after::replace:
      return false;
    case after::restart:
      state_of(self).config.board->count_restart(*c.config->state);
      c.places[index].coming = true;
      start_worker(self, c, index);
      break;
    case after::wake:
      c.places[index].coming = true;
      start_worker(self, c, index);
      break;
    case after::release:
      release_place(self, c, index);
      break;
    case after::rest:
      break;
  }
  refresh(self, c, c.config->state->reason(), c.config->state->detail());
  return true;
}

} // namespace troupe
