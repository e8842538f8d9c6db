#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <memory>

namespace troupe {

/// What a SPEC needs.
struct spec_actor_config {
  std::shared_ptr<const troupe::spec> spec = {};
  std::shared_ptr<const snapshot_cell> table = {};
  /// Runs blocking handlers; null for a spec that runs inline.
  pool_actor handlers = {};
  log_sink log = no_log();
};

struct spec_state {
  spec_actor_config config;
  static inline const char* name = "troupe-spec";
};

/// The SPEC actor: runs inline handlers itself, on the thread that read the
/// request, and hands others to the pool of handler threads.
spec_actor::behavior_type
spec_behavior(spec_actor::stateful_pointer<spec_state> self,
              spec_actor_config config);

} // namespace troupe
