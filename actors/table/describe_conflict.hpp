#pragma once

#include "troupe/actors/table/conflict_error.hpp"
#include "troupe/actors/table/endpoint_trie.hpp"

#include <string>

namespace troupe {

/// Two entries that clash, not yet in words.
struct clash {
  endpoint_trie::index first;
  endpoint_trie::index second;
  /// What both claim.
  method_set methods = {};
  /// One of them is a built-in on the same pattern.
  bool reserved = false;
  pattern_relation relation = pattern_relation::equal;
};

/// Puts a clash in words.
table_conflict describe(const clash& x, const table_entry& first,
                        const table_entry& second);

/// Renders the owner, e.g. `model "digits"`.
std::string owner_text(const table_entry& x);

} // namespace troupe
