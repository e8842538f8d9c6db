#include "troupe/actors/spec/spec_actor.hpp"

#include "troupe/actors/runtime_scope.hpp"
#include "troupe/actors/spec/run_handler.hpp"

namespace troupe {

namespace {

using spec_pointer = spec_actor::stateful_pointer<spec_state>;

/// Runs an inline handler.
void run_here(spec_pointer self, exchange_ptr ex) {
  auto& st = state_of(self);
  const auto& cfg = st.config;
  if (st.refusing) {
    ex->fail(make_failure(errc::draining));
  } else {
    runtime_scope inside{cfg.owner};
    run_handler(*cfg.spec, *cfg.table, ex, cfg.log, *cfg.known, host_of(self));
  }
}

} // namespace

spec_actor::behavior_type spec_behavior(spec_pointer self,
                                        spec_actor_config config) {
  auto& st = state_of(self);
  st.config = std::move(config);
  st.queue = work_queue{
    {.batch = {}, .idempotent = false, .admission = st.config.admission},
    owner_of(self)};
  on_down(self, [self](const caf::actor_addr& worker, const caf::error&) {
    state_of(self).queue.died(worker);
  });
  const auto inlined = st.config.spec->execution == handler_execution::inlined;
  return {
    [self, inlined](exchange_ptr& ex) {
      if (inlined)
        run_here(self, std::move(ex));
      else
        state_of(self).queue.put(std::move(ex));
    },
    [self](atom::join, const worker_offer& x) {
      self->monitor(x.worker);
      state_of(self).queue.join(x);
    },
    [self](atom::idle, worker_index index) {
      state_of(self).queue.idle(index);
    },
    [self](atom::retire, worker_index index) -> caf::result<atom::drained> {
      auto promise = self->make_response_promise<atom::drained>();
      state_of(self).queue.retire(index, promise);
      return promise;
    },
    [self](atom::leave, worker_index index) {
      state_of(self).queue.leave(index);
      return atom::drained_v;
    },
    [self](atom::sweep) { state_of(self).queue.sweep(); },
    [self](atom::status) { return state_of(self).queue.status(); },
    [self](atom::drain, bool finish_queued) -> caf::result<atom::drained> {
      if (!finish_queued)
        state_of(self).refusing = true;
      auto promise = self->make_response_promise<atom::drained>();
      state_of(self).queue.drain(finish_queued, promise);
      return promise;
    },
    [self](atom::cancel) {
      state_of(self).refusing = true;
      state_of(self).queue.cancel();
    },
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
  };
}

} // namespace troupe
