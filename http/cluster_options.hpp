#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// Certificates for the connections between nodes and fronts: PEM files. Each
/// side must show one that the authority has signed.
struct cluster_tls_options {
  std::string certificate = {};
  std::string key = {};
  /// The certificate of the authority.
  std::string client_ca = {};

  friend bool operator==(const cluster_tls_options&,
                         const cluster_tls_options&) = default;
};

/// How a server works together with others: as a front that lets nodes serve
/// models, as a node that serves its models to a front, or both. See
/// docs/scaling.md.
struct cluster_options {
  /// Where nodes join, as `HOST:PORT`; `*` for all addresses, port 0 for a free
  /// one. Empty: no node can.
  std::string listen = {};
  /// Where to join a front, as `HOST:PORT`. Empty: this server is not a node.
  std::string join = {};
  /// How fronts call this node; unique among the nodes of a front. Empty takes
  /// the machine's name and the number of the process.
  std::string name = {};
  /// What a front's models may ask for, see `node_options::labels`.
  std::vector<std::string> labels = {};
  /// Shared by the front and its nodes; it does not travel. Empty asks for
  /// none.
  std::string secret = {};
  cluster_tls_options tls = {};
  /// How often each side says that it is there. One that says nothing three
  /// times is lost.
  std::chrono::milliseconds heartbeat{400};
  /// Whether `listen` may be on an address that other machines reach although
  /// there is no `tls`. Whoever reaches it may do everything.
  bool trusted_network = false;

  /// Whether there is anything to do.
  [[nodiscard]] bool enabled() const noexcept {
    return !listen.empty() || !join.empty();
  }

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

/// A host and a port.
struct cluster_address {
  std::string host = {};
  std::uint16_t port = 0;
};

/// Reads `HOST:PORT`, `[IPV6]:PORT`, or `*:PORT`, whose host is "".
/// @throws std::invalid_argument with what is wrong
[[nodiscard]] cluster_address parse_cluster_address(const std::string& text);

} // namespace troupe
