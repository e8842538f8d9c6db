#pragma once

#include "troupe/actors/interfaces.hpp"

#include <chrono>

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

/// Waits until ROUTER and GATEWAY have handled the requests by actor message
/// that were sent before. Not from an actor.
/// @returns whether they have in time
bool flush_messages(caf::actor_system& sys, const router_actor& router,
                    std::chrono::milliseconds timeout);

} // namespace troupe
