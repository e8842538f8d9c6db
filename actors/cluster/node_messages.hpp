#pragma once

#include "troupe/actors/cluster/model_messages.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// How nodes join a front: values that travel, and the interfaces of both.
namespace troupe {

/// Of the messages between nodes and fronts, and of `model_actor`. Raised by a
/// change that an older side would not understand.
constexpr std::uint32_t cluster_protocol = 1;

/// A model that a node serves, and how it is at present.
struct model_offer {
  model_facts facts = {};
  model_actor model = {};
};

/// The actor of a node that a front watches: its end is the node's.
// clang-format off
using node_actor = actor_interface<
  // (internal) Connects, or looks how its models are.
  handles<void(atom::tick)>,
  // Tells the front that nothing new is wanted; answers when no work of the
  // front is left here.
  handles<atom::drained(atom::leave)>>;
// clang-format on

/// What a front says first.
struct node_challenge {
  std::uint32_t protocol = 0;
  /// Troupe's version, for messages.
  std::string version = {};
  /// What the secret is to sign, used once.
  std::string nonce = {};
};

/// A node that wants to join.
struct node_offer {
  std::uint32_t protocol = 0;
  std::string version = {};
  std::string name = {};
  std::vector<std::string> labels = {};
  /// The nonce, and the secret's signature of it and the name.
  std::string nonce = {};
  std::string proof = {};
  std::vector<model_offer> models = {};
  node_actor node = {};
};

struct node_verdict {
  /// Each reason why not; empty when the node is in.
  std::vector<std::string> refused = {};
  /// Whether that may change by itself: an earlier node of that name may be
  /// lost without the front knowing it yet.
  bool try_again = false;
};

template <class Inspector>
auto inspect(Inspector& f, model_offer& x) {
  return inspect_members(f, "model_offer", x.facts, x.model);
}

template <class Inspector>
auto inspect(Inspector& f, node_challenge& x) {
  return inspect_members(f, "node_challenge", x.protocol, x.version, x.nonce);
}

template <class Inspector>
auto inspect(Inspector& f, node_offer& x) {
  return inspect_members(f, "node_offer", x.protocol, x.version, x.name,
                         x.labels, x.nonce, x.proof, x.models, x.node);
}

template <class Inspector>
auto inspect(Inspector& f, node_verdict& x) {
  return inspect_members(f, "node_verdict", x.refused, x.try_again);
}

// clang-format off

/// The CLUSTER actor of a front, which is published at its port: takes nodes in
/// and gives their models workers.
using cluster_actor = actor_interface<
  // Says what a node must sign.
  handles<node_challenge(atom::hello)>,
  // Takes a node in, or says why not.
  handles<node_verdict(atom::join, node_offer)>,
  // How the models of a node are now.
  handles<void(atom::update, node_actor, std::vector<model_offer>)>,
  // Gives a node nothing more; answers when nothing is in work there.
  handles<atom::drained(atom::leave, node_actor)>,
  // (internal) What failed may be tried again.
  handles<void(atom::tick)>>;

// clang-format on

} // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_nodes, caf::id_block::troupe_cluster::end)

CAF_ADD_TYPE_ID(troupe_nodes, (troupe::model_offer))
CAF_ADD_TYPE_ID(troupe_nodes, (std::vector<troupe::model_offer>))
CAF_ADD_TYPE_ID(troupe_nodes, (troupe::node_challenge))
CAF_ADD_TYPE_ID(troupe_nodes, (troupe::node_offer))
CAF_ADD_TYPE_ID(troupe_nodes, (troupe::node_verdict))
CAF_ADD_TYPE_ID(troupe_nodes, (troupe::node_actor))
CAF_ADD_TYPE_ID(troupe_nodes, (troupe::cluster_actor))

CAF_END_TYPE_ID_BLOCK(troupe_nodes)
