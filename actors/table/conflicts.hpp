#pragma once

#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/actors/table/endpoint_trie.hpp"

#include <string>
#include <vector>

namespace troupe {

/// The most shadowings that a table records.
inline constexpr std::size_t max_shadowings = 1000;

/// What policies and conflicts leave of a list of entries.
struct resolution {
  /// One flag for each entry.
  std::vector<bool> stands = {};
  std::vector<dropped_entry> dropped = {};
  /// No table unless empty.
  std::vector<table_conflict> conflicts = {};
};

/// Takes the entries in their order, each against those that stand. Of three
/// that claim the same, the second and the third clash with the first.
/// @param nodes where each entry's pattern ends in the trie
resolution resolve_conflicts(const std::vector<table_entry>& entries,
                             const endpoint_trie& trie,
                             const std::vector<endpoint_trie::index>& nodes,
                             conflict_policy fallback);

/// Finds up to `max_shadowings` pairs of different owners.
std::vector<shadowing> find_shadows(const std::vector<table_entry>& entries,
                                    const endpoint_trie& trie);

/// Returns whether both have the same owner.
[[nodiscard]] bool same_owner(const table_entry& lhs, const table_entry& rhs);

/// Returns the methods that the entry answers: `GET` brings `HEAD` along.
[[nodiscard]] method_set answered_methods(const table_entry& x);

} // namespace troupe
