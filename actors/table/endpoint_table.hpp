#pragma once

#include "troupe/actors/table/conflict_error.hpp"
#include "troupe/actors/table/table_entry.hpp"
#include "troupe/actors/table/table_match.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// How a table is built and matched.
struct table_options {
  /// For entries that do not say it themselves.
  conflict_policy on_conflict = conflict_policy::error;
  /// Compares literals without case.
  bool ignore_case = false;
};

/// An entry that a policy dropped, and the one that took its place.
struct dropped_entry {
  table_entry entry;
  std::string by_owner;
  std::string by_where;
};

/// `over` wins where both match. This is legal, and shown.
struct shadowing {
  std::size_t over;
  std::size_t under;
};

/// The one merged table: predict endpoints, specs' endpoints, custom routes
/// and built-ins. Immutable, hence safe to read from every thread.
///
/// Precedence: literal beats suffix beats parameter beats rest, segment by
/// segment from the left. `HEAD` follows `GET`. A match that does not take the
/// method gives way to a less specific one that does, except under a built-in,
/// whose path is reserved for every method.
class endpoint_table {
public:
  endpoint_table();
  ~endpoint_table();
  endpoint_table(endpoint_table&&) noexcept;
  endpoint_table& operator=(endpoint_table&&) noexcept;

  /// Builds a table from entries in the order of their registration. Patterns
  /// are parsed here; `table_entry::pattern` is filled in.
  /// @throws conflict_error with **every** conflict
  /// @throws std::invalid_argument for a malformed pattern
  static endpoint_table build(std::vector<table_entry> entries,
                              table_options options = {});

  /// Looks up a normalised path. Does not allocate; the cost depends on the
  /// path, not on the number of entries.
  [[nodiscard]] table_match find(method m, std::string_view path) const;

  /// The entries that stand, in the order of their registration.
  [[nodiscard]] const std::vector<table_entry>& entries() const noexcept;

  [[nodiscard]] const std::vector<shadowing>& shadows() const noexcept;

  [[nodiscard]] const std::vector<dropped_entry>& dropped() const noexcept;

  [[nodiscard]] const table_options& options() const noexcept;

private:
  class impl;
  std::unique_ptr<const impl> impl_;
};

} // namespace troupe
