#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A change of the table. A model and a spec may have the same name.
struct table_change {
  /// Every entry of these goes away, and so do their targets.
  std::vector<std::string> remove_models = {};
  std::vector<std::string> remove_specs = {};
  /// New entries, their `target_index` is one of `targets`.
  std::vector<table_entry> add = {};
  std::vector<route_target> targets = {};
  /// Whether the entries of all built-ins go away.
  bool remove_builtins = false;
  /// Hold from now on, where they are set.
  std::optional<table_options> options = {};
  std::shared_ptr<const void> front = {};
};

/// Everything that was registered, before policies were applied: what the
/// next version is built from. A value.
struct routing_plan {
  std::vector<table_entry> entries = {};
  /// The first is that of the built-ins.
  std::vector<route_target> targets = {};
  table_options options = {};
  /// As `routing_snapshot::front`.
  std::shared_ptr<const void> front = {};

  /// Builds a version.
  /// @throws conflict_error, std::invalid_argument
  [[nodiscard]] snapshot_ptr build(std::uint64_t version) const;

  /// Builds the table alone. @throws as above
  [[nodiscard]] endpoint_table build_table() const;

  /// Returns where `with` puts the targets of a change: in the places of
  /// removed ones, then after the others. Nothing else moves.
  [[nodiscard]] std::vector<std::uint32_t>
  places(const table_change& change) const;

  /// Returns this plan with a change applied. New entries of an owner whose old
  /// ones go away stand where those stood.
  [[nodiscard]] routing_plan with(const table_change& change) const;
};

/// The plan that serves, and how its next version comes about: first the table
/// is built, which shows conflicts; then the actors of what is new are started,
/// and the version is completed with them. Each table is built once. Not
/// thread-safe.
class table_versions {
public:
  explicit table_versions(table_options options) {
    plan_.options = options;
    plan_.targets.resize(1);
  }

  /// Builds the table of the plan with a change and keeps it. Of the change's
  /// targets only the number counts.
  /// @returns the table, valid until the next `check` or `commit`
  /// @throws conflict_error, std::invalid_argument; nothing has changed then
  const endpoint_table& check(const table_change& change);

  /// Completes the change that was checked last. The first version is 1.
  /// @throws std::logic_error when there is none, or with other targets
  snapshot_ptr commit(std::vector<route_target> targets);

  /// Returns the version committed last, or null.
  [[nodiscard]] const snapshot_ptr& current() const noexcept {
    return current_;
  }

private:
  struct checked {
    routing_plan plan;
    endpoint_table table;
    std::vector<std::uint32_t> places;
  };

  routing_plan plan_;
  std::optional<checked> checked_;
  snapshot_ptr current_;
};

} // namespace troupe
