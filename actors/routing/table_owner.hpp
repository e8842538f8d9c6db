#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing_plan.hpp"

#include <memory>
#include <vector>

namespace troupe {

/// What TABLE needs.
struct table_owner_config {
  /// With a first version.
  std::shared_ptr<table_versions> versions = {};
  /// Where readers that are not notified find the current version.
  std::shared_ptr<snapshot_cell> cell = {};
};

struct table_owner_state {
  table_owner_config config;
  std::vector<front_actor> fronts;
  static inline const char* name = "troupe-table";
};

/// The TABLE actor: the only one that changes the table. The first version is
/// in the cell before it handles anything.
table_actor::behavior_type
table_owner(table_actor::stateful_pointer<table_owner_state> self,
            table_owner_config config);

} // namespace troupe
