#pragma once

#include "troupe/bench/cluster/queueing.hpp"
#include "troupe/specs/model/model_options.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <vector>

namespace troupe::bench {

/// How nodes are lost. A node's losses and repairs are exponential and take
/// this long in the mean, in seconds.
struct loss_plan {
  /// Of one node; 0 for never.
  double between = 0;
  double repair = 10;
  /// Until the front knows: evenly between these.
  double noticed_from = 1.2;
  double noticed_to = 1.6;
  /// Whether what a lost node had is tried once more.
  bool idempotent = false;
};

/// A front with nodes, and what comes in.
struct simulation_plan {
  std::uint32_t nodes = 1;
  /// Of each node.
  std::uint32_t workers = 4;
  /// Of all workers. With batches, of full ones.
  double load = 0.8;
  service_kind service = service_kind::exponential;
  /// In the mean, in seconds; with batches for each call of the model.
  double call_time = 0.010;
  /// What each item of a batch adds.
  double item_time = 0;
  batch_options batch = {};
  /// One way between front and node, in seconds.
  double network = 0;
  /// The first of so many nodes take twice as long.
  std::uint32_t slow_nodes = 0;
  loss_plan losses = {};
  std::uint64_t arrivals = 200'000;
  std::uint64_t seed = 1;
};

/// What was seen after a tenth of the arrivals.
struct simulation_result {
  /// Until a worker began, in seconds and in the order of their answers.
  std::vector<float> waits = {};
  std::vector<float> latencies = {};
  /// Of each node.
  std::vector<std::uint64_t> answers = {};
  std::uint64_t failed = 0;
  /// Answered by the second node that had them.
  std::uint64_t retried = 0;
  std::uint64_t losses = 0;
  std::uint64_t model_calls = 0;
  /// From then to the last arrival.
  double simulated_seconds = 0;
  /// Answers within these.
  std::uint64_t in_time = 0;

  [[nodiscard]] double rate() const {
    return static_cast<double>(in_time) / simulated_seconds;
  }

  /// The answers of a node, for one node of the mean.
  [[nodiscard]] double least_share() const;
  [[nodiscard]] double greatest_share() const;
};

/// Returns how many requests come in a second.
double arrival_rate(const simulation_plan& plan);

/// Runs a plan. Queues are Troupe's own (`work_queue`): one of the front, whose
/// workers stand for the nodes, and one of each node. What lies between,
/// sockets and models, is time that passes on a fake clock. The same plan has
/// the same result.
simulation_result simulate(caf::actor_system& sys, const simulation_plan& plan);

} // namespace troupe::bench
