#pragma once

#include "troupe/actors/cluster/model_messages.hpp"
#include "troupe/actors/cluster/transport.hpp"
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

  /// Spawns an actor that answers calls of a model by values which may come
  /// from another machine, see model_messages.hpp: bytes and their type, header
  /// fields, streams, cancellation and a time. Publish it by CAF's middleman
  /// (`prepare_cluster` for the config), or hand it to another actor.
  /// @code
  /// auto digits = server_access::spawn_model(srv, "digits");
  /// system.middleman().publish(digits, 7500);
  /// @endcode
  /// The caller ends it, by `caf::anon_send_exit`; before the server stops.
  /// @throws std::invalid_argument when a started server has no such model
  static model_actor spawn_model(const server& srv, const std::string& name);
};

} // namespace troupe
