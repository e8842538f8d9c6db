#include "troupe/actors/worker.hpp"

#include "troupe/actors/thread_unit.hpp"

#include <span>

namespace troupe {

namespace {

using self_pointer = worker_actor::stateful_pointer<worker_state>;

/// Runs the model. A broken worker ends; its POOL then answers or retries
/// what is left open.
void process(self_pointer self, std::span<const exchange_ptr> batch) {
  auto& st = self->state;
  auto broken = [self](std::string why) {
    self->quit(caf::make_error(caf::sec::runtime_error, std::move(why)));
  };
  try {
    st.model->process(batch);
  } catch (const std::exception& e) {
    broken(e.what());
    return;
  } catch (...) {
    broken("an exception that is no std::exception");
    return;
  }
  for (const auto& ex : batch) {
    if (!ex->ended() && !st.model->answers_later())
      ex->fail(make_failure(errc::internal));
    ex->ticket.release();
  }
  tell_from(self, st.config.pool, atom::idle_v, st.config.slot.index);
}

class dedicated_worker final
  : public pinned<worker_actor::stateful_base<worker_state>> {
public:
  using super = pinned<worker_actor::stateful_base<worker_state>>;

  dedicated_worker(caf::actor_config& cfg, std::shared_ptr<thread_unit> unit,
                   worker_config config)
    : super(cfg, std::move(unit)), config_(std::move(config)) {
    // nop
  }

  behavior_type make_behavior() override {
    return worker(this, std::move(config_));
  }

private:
  worker_config config_;
};

} // namespace

worker_actor::behavior_type worker(self_pointer self, worker_config config) {
  self->state.config = std::move(config);
  auto& st = self->state;
  try {
    st.model = st.config.make(st.config.slot);
    st.model->setup(st.config.slot);
  } catch (const std::exception& e) {
    self->quit(caf::make_error(caf::sec::runtime_error, std::string{e.what()}));
    return worker_actor::behavior_type::make_empty_behavior();
  }
  tell_from(self, st.config.supervisor, atom::ready_v, st.config.key,
            st.config.slot.index);
  tell_from(self, st.config.pool, atom::join_v, st.config.slot.index,
            static_cast<worker_actor>(self));
  return {
    [self](const exchange_ptr& ex) {
      process(self, {&ex, 1});
    },
    [self](const batch_ptr& batch) { process(self, *batch); },
  };
}

worker_actor spawn_dedicated_worker(caf::actor_system& sys,
                                    std::shared_ptr<thread_unit> unit,
                                    worker_config config) {
  return sys.spawn<dedicated_worker>(std::move(unit), std::move(config));
}

} // namespace troupe
