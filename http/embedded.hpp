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
  ///               std::string{"digits"}, json, caf::timespan{1s})
  /// @endcode
  /// The work ends with its caller, at the limits of the model, or after the
  /// time that the message gives, which may be left out. A time-out of
  /// `request` alone does not end it, because CAF tells nobody.
  static router_actor router(const server& srv);
};

} // namespace troupe
