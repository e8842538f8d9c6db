#pragma once

#include "troupe/actors/runtime/registry.hpp"
#include "troupe/actors/table/endpoint_table.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Changes of what is served, made at once; see `runtime::apply`.
struct runtime_change {
  /// Started, and served in the places of those of their names, or as new ones.
  std::vector<model_definition> start_models = {};
  /// Those of these names go on with their workers and queues: only endpoint
  /// and limits become those of the definition.
  std::vector<model_definition> keep_models = {};
  std::vector<std::string> remove_models = {};
  /// As `start_models` and `keep_models`.
  std::vector<registry::spec_entry> start_specs = {};
  std::vector<registry::spec_entry> keep_specs = {};
  std::vector<std::string> remove_specs = {};
  /// The rest holds from now on, where it is set.
  std::optional<table_options> table = {};
  std::optional<std::vector<table_entry>> builtins = {};
  /// For endpoints that do not say it.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// As `routing_snapshot::front`.
  std::shared_ptr<const void> front = {};
  /// For all that is started, together.
  std::chrono::milliseconds ready_timeout{60'000};

  /// Returns the change of the table. Targets: the models that are started,
  /// those that are kept, then the specs in the same way.
  [[nodiscard]] table_change to_table() const;
};

} // namespace troupe
