#pragma once

#include "troupe/actors/cluster/node_messages.hpp"

#include <caf/io/middleman_actor.hpp>

#include <chrono>
#include <cstdint>
#include <string>

/// The way between machines: CAF's middleman (BASP over TCP), with TLS by its
/// OpenSSL module. Nothing here is a protocol of Troupe's own.
namespace troupe {

/// Certificates of this side, and whom it trusts: each side must show one.
struct tls_files {
  /// PEM files; "" for none.
  std::string certificate = {};
  std::string key = {};
  /// Of the authority that signs the certificates of all nodes and fronts.
  std::string ca = {};

  [[nodiscard]] bool enabled() const noexcept {
    return !certificate.empty();
  }
};

/// Lets a system talk to others; before it is made.
/// @param heartbeat how often each side says that it is there; one that says
///        nothing three times is lost
void prepare_cluster(caf::actor_system_config& config, const tls_files& tls,
                     std::chrono::milliseconds heartbeat);

/// Returns whether a system was prepared, with TLS or without.
[[nodiscard]] bool is_prepared(caf::actor_system& sys, bool tls);

/// Lets others find the actor at this address.
/// @param host "" for all addresses
/// @returns the port; it was chosen if 0 was asked for
/// @throws std::runtime_error
std::uint16_t publish(caf::actor_system& sys, const cluster_actor& whom,
                      const std::string& host, std::uint16_t port, bool tls);

/// Takes it back; connections stay.
void unpublish(caf::actor_system& sys, const cluster_actor& whom,
               std::uint16_t port, bool tls);

/// Returns the actor that connects: send it `caf::connect_atom`, a host and a
/// port.
[[nodiscard]] caf::io::middleman_actor connector(caf::actor_system& sys,
                                                 bool tls);

} // namespace troupe
