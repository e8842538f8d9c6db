#pragma once

#include "troupe/actors/cluster/model_server.hpp"
#include "troupe/actors/cluster/node_messages.hpp"
#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// What a MEMBER needs.
struct member_config {
  /// Of the front.
  std::string host = {};
  std::uint16_t port = 0;
  /// Connects, see `connector`.
  caf::actor connector = {};
  /// How fronts call this node.
  std::string name = {};
  std::vector<std::string> labels = {};
  std::string secret = {};
  std::string version = {};
  log_sink log = no_log();
  /// The models of this node and who answers their calls.
  std::vector<std::pair<model_server_config, model_actor>> models = {};
  /// Told with the reasons when the front does not want this node at all.
  std::function<void(const std::string&)> on_refused = {};
};

struct member_state {
  member_config config;
  /// Null while there is no connection.
  cluster_actor front = {};
  /// Whether the front has taken this node in.
  bool joined = false;
  bool was_joined = false;
  bool connecting = false;
  /// Numbers the attempts to join: an answer to an older one is stale.
  std::uint64_t attempt = 0;
  bool leaving = false;
  bool tick_pending = false;
  /// What the front was told last.
  std::vector<model_offer> told = {};
  std::chrono::milliseconds pause{0};
  std::string last_trouble = {};
  static inline const char* name = "troupe-member";
};

/// The MEMBER actor of a node: joins the front, tells it when models become
/// ready or cease to be, and joins again when the connection was lost.
node_actor::behavior_type
member(node_actor::stateful_pointer<member_state> self, member_config config);

} // namespace troupe
