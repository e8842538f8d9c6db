#include "troupe/cli/sections/cluster_section.hpp"

#include "troupe/cli/options/option_field.hpp"

namespace troupe {

namespace {

using namespace fields;

option tls_section() {
  return section(
    "tls",
    "Certificates for the connections between nodes and fronts; each side must "
    "show one that the authority has signed.",
    {
      text(
        "certificate", [](auto& d) -> auto& {
          return d.server.options.cluster.tls.certificate;
        },
        "A PEM file with the certificate of this side, relative to the config "
        "file."),
      text(
        "key",
        [](auto& d) -> auto& { return d.server.options.cluster.tls.key; },
        "A PEM file with its private key."),
      text(
        "client_ca",
        [](auto& d) -> auto& { return d.server.options.cluster.tls.client_ca; },
        "A PEM file with the certificate of the authority."),
    });
}

} // namespace

option cluster_section() {
  return section(
    "cluster", "Workers on other machines; see docs/scaling.md.",
    {
      text(
        "listen",
        [](auto& d) -> auto& { return d.server.options.cluster.listen; },
        "Where nodes join this server, as HOST:PORT; * for all addresses."),
      text(
        "join", [](auto& d) -> auto& { return d.server.options.cluster.join; },
        "The front that this server joins as a node, as HOST:PORT: its "
        "cluster.listen. troupe node --join sets it."),
      text(
        "name", [](auto& d) -> auto& { return d.server.options.cluster.name; },
        "How fronts call this node; unique among theirs. Without it, the "
        "machine's name and the number of the process."),
      field(
        "labels",
        [](auto& d) -> auto& { return d.server.options.cluster.labels; },
        "What this node has, for the nodes.labels of a front's models."),
      text(
        "secret_env",
        [](auto& d) -> auto& { return d.server.cluster_secret_env; },
        "Name of the environment variable with a secret that the front and its "
        "nodes share; when it is not set, none is asked for."),
      bounded(
        "heartbeat_ms",
        [](auto& d) -> auto& { return d.server.options.cluster.heartbeat; }, 10,
        60'000,
        "How often each side says that it is there; one that says nothing "
        "three times is lost."),
      field(
        "trusted_network", [](auto& d) -> auto& {
          return d.server.options.cluster.trusted_network;
        },
        "Lets listen be on an address that other machines reach without tls: "
        "whoever reaches it may do everything."),
      tls_section(),
    });
}

} // namespace troupe
