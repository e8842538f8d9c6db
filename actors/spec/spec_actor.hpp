#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pool/work_queue.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/spec/running_calls.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <memory>

namespace troupe {

/// What a SPEC needs.
struct spec_actor_config {
  std::shared_ptr<const troupe::spec> spec = {};
  std::shared_ptr<const snapshot_cell> table = {};
  /// The named calls of this spec, shared by all its shards.
  std::shared_ptr<running_calls> known = {};
  /// The bound in front of it; null for none.
  std::shared_ptr<troupe::admission> admission = {};
  log_sink log = no_log();
  /// For `runtime_scope`.
  const void* owner = nullptr;
};

struct spec_state {
  spec_actor_config config;
  /// For handlers that have threads of their own.
  work_queue queue;
  bool refusing = false;
  static inline const char* name = "troupe-spec";
};

/// The SPEC actor. Inline handlers it runs itself, on the thread that read the
/// request, where each I/O thread has a SPEC of its own. For others it is the
/// queue of their threads.
spec_actor::behavior_type
spec_behavior(spec_actor::stateful_pointer<spec_state> self,
              spec_actor_config config);

} // namespace troupe
