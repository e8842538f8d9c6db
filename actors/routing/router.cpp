#include "troupe/actors/routing/router.hpp"

#include "troupe/actors/routing/dispatch.hpp"

namespace troupe {

router_actor::behavior_type
router(router_actor::stateful_pointer<router_state> self,
       router_config config) {
  state_of(self).config = std::move(config);
  return {
    [self](routed_request& x) {
      // A refusal leaves the exchange with us.
      // POOL decides who has to go when the bound is reached.
      const auto above =
        x.target->pool.empty() ? std::size_t{0} : admission::overshoot;
      if (auto refusal = dispatch(*x.target, x.ex, host_of(self), above))
        x.ex->fail(std::move(*refusal));
    },
    [self](atom::predict, const std::string& model, const json_ptr& document) {
      return self->delegate(state_of(self).config.gateway, atom::predict_v,
                            model, document);
    },
    [self](atom::predict, const std::string& model, const json_ptr& document,
           caf::timespan timeout) {
      return self->delegate(state_of(self).config.gateway, atom::predict_v,
                            model, document, timeout);
    },
    [](atom::status) { return atom::ready_v; },
  };
}

bool flush_messages(caf::actor_system& sys, const router_actor& router,
                    std::chrono::milliseconds timeout) {
  if (router == nullptr)
    return true;
  bool result = false;
  caf::scoped_actor self{sys, true};
  // No model has this name.
  self->request(router, timeout, atom::predict_v, std::string{}, json_ptr{})
    .receive([&](const predict_reply&) { result = true; },
             [](const caf::error&) {});
  return result;
}

} // namespace troupe
