#pragma once

#include "troupe/actors/cluster/model_server.hpp"
#include "troupe/actors/cluster/node_messages.hpp"
#include "troupe/actors/cluster/transport.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/cluster_options.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Returns the files that the options name, as the transport takes them.
tls_files files_of(const cluster_tls_options& x);

/// Spawns the MODEL actor of a model, on the thread of the other control
/// actors.
model_actor spawn_model_server(caf::actor_system& sys, const runtime& rt,
                               const model_server_config& config);

/// Returns what it needs.
model_server_config model_server_of(const runtime& rt,
                                    const model_definition& definition);

/// A server's part in a cluster: the port where nodes join, and its own way
/// into a front. Not thread-safe.
class cluster_link {
public:
  /// @param on_refused told when the front does not want this node; from an
  ///        actor's thread
  cluster_link(caf::actor_system& sys, runtime& rt, cluster_options options,
               log_sink log,
               std::function<void(const std::string&)> on_refused);

  cluster_link(const cluster_link&) = delete;
  cluster_link& operator=(const cluster_link&) = delete;

  ~cluster_link();

  /// Listens and begins to join, as the options say; after the runtime's start.
  /// @throws std::runtime_error
  void start();

  /// Returns where nodes join, or 0.
  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  // Its actors, after `start`; null where it has none.

  /// Takes nodes in.
  [[nodiscard]] const cluster_actor& coordinator() const noexcept {
    return cluster_;
  }

  /// Joins a front.
  [[nodiscard]] const node_actor& member() const noexcept {
    return member_;
  }

  /// The MODEL actors, with the names of the models.
  [[nodiscard]] const std::vector<std::pair<std::string, model_actor>>&
  models() const noexcept {
    return models_;
  }

  /// Lets the front take its work elsewhere, and waits until none of it is in
  /// work here. @returns whether that came in time
  bool leave(std::chrono::milliseconds timeout);

  /// Ends. Nodes are told nothing: they join again when a front is there.
  void stop();

private:
  void listen();
  void join();
  [[nodiscard]] bool has_tls() const;

  caf::actor_system& system_;
  runtime& runtime_;
  cluster_options options_;
  log_sink log_;
  std::function<void(const std::string&)> on_refused_;
  std::uint16_t port_ = 0;
  cluster_actor cluster_;
  node_actor member_;
  std::vector<std::pair<std::string, model_actor>> models_;
};

} // namespace troupe
