#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/server.hpp"

namespace troupe {

/// For programs with an actor system of their own; `server.hpp` itself stays
/// free of CAF.
struct server_access {
  /// The ROUTER of a started server: `predict` by actor message.
  /// @code
  /// self->request(server_access::router(srv), 1s, troupe::atom::predict_v,
  ///               std::string{"digits"}, json)
  /// @endcode
  static router_actor router(const server& srv);
};

} // namespace troupe
