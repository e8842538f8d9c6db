#include "troupe/http/front/front.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace troupe {

namespace asio = boost::asio;

namespace {

using self_pointer = front_actor::stateful_pointer<front_state>;

/// Runs `f` on an I/O thread.
template <class F>
void on_thread(const std::shared_ptr<io_thread>& t, F&& f) {
  asio::post(t->context(), std::forward<F>(f));
}

void stop_accepting(self_pointer self) {
  auto& cfg = self->state.config;
  on_thread(cfg.threads.front(), [l = cfg.listener] { l->stop(); });
}

} // namespace

front_actor::behavior_type front(self_pointer self, front_config config) {
  self->state.config = std::move(config);
  return {
    [self](const snapshot_ptr& snapshot) {
      auto& st = self->state;
      for (const auto& t : st.config.threads)
        on_thread(t, [t, snapshot] { t->snapshot(snapshot); });
      if (!std::exchange(st.accepting, true))
        on_thread(st.config.threads.front(),
                  [l = st.config.listener] { l->start(); });
    },
    [self](atom::quiesce) -> caf::result<atom::drained> {
      auto& st = self->state;
      stop_accepting(self);
      auto promise = self->make_response_promise<atom::drained>();
      st.promises.push_back(promise);
      st.quiet.assign(st.config.threads.size(), false);
      auto handle = static_cast<front_actor>(self);
      for (std::uint32_t i = 0; i < st.config.threads.size(); ++i) {
        const auto& t = st.config.threads[i];
        on_thread(t, [t, handle, i] {
          t->quiesce([handle, i] { tell(handle, atom::drained_v, i); });
        });
      }
      return promise;
    },
    [self](atom::drained, std::uint32_t index) {
      auto& st = self->state;
      st.quiet[index] = true;
      if (std::find(st.quiet.begin(), st.quiet.end(), false) != st.quiet.end())
        return;
      for (auto& promise : st.promises)
        promise.deliver(atom::drained_v);
      st.promises.clear();
    },
    [self](atom::stop) {
      stop_accepting(self);
      for (const auto& t : self->state.config.threads)
        on_thread(t, [t] { t->close_all(); });
      return atom::drained_v;
    },
    [self](atom::status) {
      front_status result;
      for (const auto& t : self->state.config.threads) {
        result.connections += t->connections();
        result.in_flight += t->in_flight();
      }
      return result;
    },
  };
}

} // namespace troupe
