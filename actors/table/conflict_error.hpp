#pragma once

#include "troupe/actors/table/table_entry.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Two entries that cannot stand together.
struct table_conflict {
  /// The entry that stands, registered first.
  table_entry first;
  table_entry second;
  /// What clashes, e.g. `both match POST /predict`.
  std::string what;
  /// What to do instead, one sentence or more.
  std::string way_out;
};

/// Renders conflicts for a terminal: numbered, both owners and where each
/// came from, and the way out.
std::string render_conflicts(const std::vector<table_conflict>& conflicts);

/// Thrown when a table cannot be built; nothing has been changed.
class conflict_error : public std::runtime_error {
public:
  explicit conflict_error(std::vector<table_conflict> conflicts)
    : std::runtime_error(render_conflicts(conflicts)),
      conflicts_(std::move(conflicts)) {
    // nop
  }

  [[nodiscard]] const std::vector<table_conflict>& conflicts() const noexcept {
    return conflicts_;
  }

private:
  std::vector<table_conflict> conflicts_;
};

} // namespace troupe
