#include "troupe/http/front/front.hpp"

#include <utility>

namespace troupe {

namespace {

using self_pointer = front_actor::stateful_pointer<front_state>;

void stop_accepting(front_state& st) {
  if (st.config.listener != nullptr)
    st.config.listener->stop();
}

} // namespace

front_actor::behavior_type front(self_pointer self, front_config config) {
  state_of(self).config = std::move(config);
  return {
    [self](const snapshot_ptr& snapshot) {
      state_of(self).config.thread->snapshot(snapshot);
      return atom::ready_v;
    },
    [self](atom::accept) {
      if (const auto& listener = state_of(self).config.listener)
        listener->start();
      return atom::ready_v;
    },
    [self](atom::quiesce) -> caf::result<atom::drained> {
      auto& st = state_of(self);
      stop_accepting(st);
      auto promise = self->make_response_promise<atom::drained>();
      st.promises.push_back(promise);
      // The thread calls back on itself, which is where this actor runs.
      st.config.thread->quiesce([weak = caf::actor_cast<caf::weak_actor_ptr>(
                                   static_cast<front_actor>(self))] {
        tell(caf::actor_cast<front_actor>(weak), atom::drained_v);
      });
      return promise;
    },
    [self](atom::drained) {
      for (auto& promise : std::exchange(state_of(self).promises, {}))
        promise.deliver(atom::drained_v);
    },
    [self](atom::stop) {
      auto& st = state_of(self);
      stop_accepting(st);
      st.config.thread->close_all();
      return atom::drained_v;
    },
    [self](atom::status) {
      const auto& thread = *state_of(self).config.thread;
      return front_status{thread.connections(), thread.in_flight()};
    },
  };
}

} // namespace troupe
