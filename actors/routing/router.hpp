#pragma once

#include "troupe/actors/interfaces.hpp"

namespace troupe {

/// What a ROUTER needs.
struct router_config {
  /// Takes requests by actor message; may be null where none come.
  gateway_actor gateway = {};
};

struct router_state {
  router_config config;
  static inline const char* name = "troupe-router";
};

/// The ROUTER actor: decides who answers a request, and whether. What it
/// decides is `dispatch`; the answer to a refused request goes out at once.
router_actor::behavior_type
router(router_actor::stateful_pointer<router_state> self, router_config config);

} // namespace troupe
