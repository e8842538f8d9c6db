#include "troupe/actors/supervision/drain_care.hpp"

#include "troupe/actors/pool/worker_watch.hpp"

namespace troupe {

void cancel_all(supervisor_pointer self, const supervisor_state::child& c) {
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::cancel_v);
  // The pool of an inline worker waits for its thread.
  for (const auto& place : c.places)
    if (place.worker != nullptr && place.unit == nullptr)
      place.watch->cancel();
}

caf::result<atom::drained> drain_all(supervisor_pointer self,
                                     bool finish_queued) {
  auto promise = self->make_response_promise<atom::drained>();
  std::vector<queue_actor> pools;
  for (const auto& [name, c] : state_of(self).children)
    pools.insert(pools.end(), c.pools.begin(), c.pools.end());
  drain_pools(self, pools, finish_queued,
              [promise]() mutable { promise.deliver(atom::drained_v); });
  return promise;
}

} // namespace troupe
