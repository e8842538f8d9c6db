#pragma once

#include "troupe/actors/supervision/supervisor.hpp"

#include <memory>
#include <vector>

/// How SUPERVISOR lets queues run empty: parts of its handlers.
namespace troupe {

/// Cancels what waits and runs in the queues of a child.
void cancel_all(supervisor_pointer self, const supervisor_state::child& c);

/// Calls `then` when nothing waits or runs in any of the pools.
template <class F>
void drain_pools(supervisor_pointer self, const std::vector<queue_actor>& pools,
                 bool finish_queued, F then) {
  if (pools.empty()) {
    then();
    return;
  }
  auto left = std::make_shared<std::size_t>(pools.size());
  auto one_less = [left, then]() mutable {
    if (--*left == 0)
      then();
  };
  // Without a bound: the wait ends with the last request under way, which has
  // limits of its own or a client that may leave, and no later than with the
  // queue, which SUPERVISOR ends when it stops.
  for (const auto& pool : pools)
    self->request(pool, caf::infinite, atom::drain_v, finish_queued)
      .then([one_less](atom::drained) mutable { one_less(); },
            [one_less](const caf::error&) mutable { one_less(); });
}

/// Asks every pool for its drain and answers when all have.
caf::result<atom::drained> drain_all(supervisor_pointer self,
                                     bool finish_queued);

} // namespace troupe
