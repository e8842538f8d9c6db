#include "troupe/actors/spec/spec_actor.hpp"

#include "troupe/actors/spec/spec_runner.hpp"

namespace troupe {

spec_actor::behavior_type
spec_behavior(spec_actor::stateful_pointer<spec_state> self,
              spec_actor_config config) {
  self->state.config = std::move(config);
  return {
    [self](exchange_ptr& ex) {
      const auto& cfg = self->state.config;
      if (cfg.handlers != nullptr)
        tell_from(self, cfg.handlers, std::move(ex));
      else
        run_handler(*cfg.spec, *cfg.table, ex, cfg.log, self->context());
    },
    [self](atom::sweep) {
      if (self->state.config.handlers != nullptr)
        tell_from(self, self->state.config.handlers, atom::sweep_v);
    },
  };
}

} // namespace troupe
