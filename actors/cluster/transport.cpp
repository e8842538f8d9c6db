#include "troupe/actors/cluster/transport.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <stdexcept>

namespace troupe {

namespace {

/// How many heartbeats may be missing.
constexpr int most_missing = 3;

} // namespace

void prepare_cluster(caf::actor_system_config& config, const tls_files& tls,
                     std::chrono::milliseconds heartbeat) {
  config.add_message_types<caf::id_block::troupe_cluster>();
  config.add_message_types<caf::id_block::troupe_nodes>();
  config.load<caf::io::middleman>();
  const caf::timespan interval{heartbeat};
  config.set("middleman.heartbeat-interval", interval);
  config.set("middleman.connection-timeout", most_missing * interval);
  // The thread that reads a message also takes it apart: a hand-over less, and
  // messages stay in their order.
  config.set("middleman.workers", std::size_t{0});
  if (!tls.enabled())
    return;
  config.openssl_certificate = tls.certificate;
  config.openssl_key = tls.key;
  config.openssl_cafile = tls.ca;
  config.load<caf::openssl::manager>();
}

bool is_prepared(caf::actor_system& sys, bool tls) {
  return sys.has_middleman() && (!tls || sys.has_openssl_manager());
}

std::uint16_t publish(caf::actor_system& sys, const cluster_actor& whom,
                      const std::string& host, std::uint16_t port, bool tls) {
  const auto* in = host.empty() ? nullptr : host.c_str();
  auto result = tls ? caf::openssl::publish(whom, port, in, true)
                    : sys.middleman().publish(whom, port, in, true);
  if (!result)
    throw std::runtime_error(
      "cluster.listen: cannot listen on " + (host.empty() ? "*" : host) + ':'
      + std::to_string(port) + ": " + caf::to_string(result.error()));
  return *result;
}

void unpublish(caf::actor_system& sys, const cluster_actor& whom,
               std::uint16_t port, bool tls) {
  // CAF's own function for TLS does not compile.
  auto ask = caf::make_function_view(connector(sys, tls));
  static_cast<void>(ask(caf::unpublish_atom_v, whom.address(), port));
}

caf::io::middleman_actor connector(caf::actor_system& sys, bool tls) {
  return tls ? sys.openssl_manager().actor_handle()
             : sys.middleman().actor_handle();
}

} // namespace troupe
