#include "troupe/actors/pool/pool.hpp"

namespace troupe {

namespace {

using pool_pointer = pool_actor::stateful_pointer<pool_state>;

} // namespace

pool_actor::behavior_type pool(pool_pointer self, pool_config config) {
  auto& st = state_of(self);
  st.config = std::move(config);
  auto owner = owner_of(self);
  owner.tick_later = [self](deadline_clock::duration delay,
                            batch_number batch) {
    tell_later(self, delay, atom::tick_v, batch);
  };
  st.queue =
    work_queue{{st.config.batch, st.config.idempotent, st.config.died_status,
                st.config.admission, st.config.order, st.config.series},
               std::move(owner)};
  on_down(self, [self](const caf::actor_addr& worker, const caf::error&) {
    state_of(self).queue.died(worker);
  });
  return {
    [self](exchange_ptr& ex) { state_of(self).queue.put(std::move(ex)); },
    [self](atom::join, const worker_offer& x) {
      self->monitor(x.worker);
      state_of(self).queue.join(x);
    },
    [self](atom::idle, worker_index index) {
      state_of(self).queue.idle(index);
    },
    [self](atom::leave, worker_index index) {
      state_of(self).queue.leave(index);
      return atom::drained_v;
    },
    [self](atom::retire, worker_index index) -> caf::result<atom::drained> {
      auto promise = self->make_response_promise<atom::drained>();
      state_of(self).queue.retire(index, promise);
      return promise;
    },
    [self](atom::sweep) { state_of(self).queue.sweep(); },
    [self](atom::status) { return state_of(self).queue.status(); },
    [self](atom::drain, bool finish_queued) -> caf::result<atom::drained> {
      auto promise = self->make_response_promise<atom::drained>();
      state_of(self).queue.drain(finish_queued, promise);
      return promise;
    },
    [self](atom::cancel) { state_of(self).queue.cancel(); },
    [self](atom::reclaim, worker_index index) {
      state_of(self).queue.reclaim(index);
    },
    [self](atom::reclaim, worker_index index, const exchange_ptr& ex) {
      state_of(self).queue.reclaim(index, ex);
    },
    [self](atom::fail, const std::string& why) {
      state_of(self).queue.fail(why);
    },
    [self](atom::shun, std::uint64_t mark, caf::timespan how_long) {
      state_of(self).queue.shun(mark, how_long);
    },
    [self](atom::wake) -> caf::result<atom::ready> {
      auto promise = self->make_response_promise<atom::ready>();
      state_of(self).queue.wake(promise);
      return promise;
    },
    [self](atom::tick, batch_number batch) {
      state_of(self).queue.tick(batch);
    },
  };
}

} // namespace troupe
