#pragma once

#include "troupe/actors/table/endpoint_table.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

/// Short ways to write table entries.
namespace table_entries {

using namespace troupe;

inline constexpr auto get = method::get;
inline constexpr auto head = method::head;
inline constexpr auto post = method::post;
inline constexpr auto put = method::put;

inline table_entry make(endpoint_kind kind, std::string_view owner,
                        method_set methods, std::string_view pattern,
                        std::string_view where = "") {
  table_entry result;
  result.kind = kind;
  result.owner = owner;
  result.endpoint.methods = methods;
  result.endpoint.pattern = pattern;
  result.origin.where = where;
  return result;
}

inline table_entry model_at(std::string_view owner, std::string_view pattern,
                            std::string_view where = "") {
  return make(endpoint_kind::predict, owner, {post}, pattern, where);
}

inline table_entry spec_at(std::string_view owner, method_set methods,
                           std::string_view pattern,
                           std::string_view where = "") {
  return make(endpoint_kind::spec, owner, methods, pattern, where);
}

inline table_entry route(method_set methods, std::string_view pattern,
                         std::string_view where = "") {
  return make(endpoint_kind::route, "routes", methods, pattern, where);
}

inline table_entry builtin(method_set methods, std::string_view pattern) {
  return make(endpoint_kind::builtin, "troupe", methods, pattern);
}

inline table_entry with(table_entry x, conflict_policy policy) {
  x.endpoint.on_conflict = policy;
  return x;
}

using entries = std::vector<table_entry>;

/// The conflicts that keep a table from being built.
inline std::vector<table_conflict> conflicts_of(entries xs,
                                                table_options options = {}) {
  try {
    endpoint_table::build(std::move(xs), options);
  } catch (const conflict_error& e) {
    EXPECT_EQ(e.what(), render_conflicts(e.conflicts()));
    return e.conflicts();
  }
  return {};
}

} // namespace table_entries
