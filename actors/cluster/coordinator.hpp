#pragma once

#include "troupe/actors/cluster/node_messages.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/specs/text/log.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What a CLUSTER actor needs.
struct coordinator_config {
  supervisor_actor supervisor = {};
  /// Where it finds the models of the front.
  std::shared_ptr<const snapshot_cell> cell = {};
  log_sink log = no_log();
  /// What nodes must know; "" asks for nothing.
  std::string secret = {};
  /// Troupe's version.
  std::string version = {};
};

struct coordinator_state {
  /// A model of a node.
  struct share {
    model_offer offer = {};
    /// Its worker here; null while the model takes no calls there.
    worker_actor worker = {};
    /// A worker is on its way.
    bool coming = false;
    /// A worker failed; there is a pause before the next.
    bool rests = false;
    /// Of the worker that was made last.
    std::uint32_t capacity = 0;
    /// Why the last could not be made, once logged.
    std::string trouble = {};
  };

  struct node {
    std::string name = {};
    node_actor handle = {};
    std::map<std::string, share> models = {};
    /// Workers that end when what they have is answered.
    std::vector<worker_actor> leaving = {};
    /// It takes nothing new.
    bool leaves = false;
    std::vector<caf::typed_response_promise<atom::drained>> left = {};
  };

  coordinator_config config;
  std::map<caf::actor_addr, node> nodes;
  /// What was given out and not used; the oldest goes when there are too many.
  std::deque<std::string> nonces;
  bool tick_pending = false;
  static inline const char* name = "troupe-cluster";
};

/// The behavior of CLUSTER. A node is in or out as a whole; its end, which
/// CAF's middleman reports when the connection is lost or silent, ends its
/// workers.
cluster_actor::behavior_type
coordinator(cluster_actor::stateful_pointer<coordinator_state> self,
            coordinator_config config);

} // namespace troupe
