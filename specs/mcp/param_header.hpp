#pragma once

#include "troupe/specs/values/headers.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace troupe::mcp {

/// An argument that a client of 2026-07-28 repeats in a header, so that
/// intermediaries can route by it: a property of the tool's input schema with
/// `x-mcp-header`.
struct param_header {
  /// The keys that lead to the argument.
  std::vector<std::string> path;
  /// With `Mcp-Param-`.
  std::string name;
};

/// Finds all of them.
/// @param out where they go
/// @returns what is wrong, after the key inside the schema, e.g.
///          `.properties.x.x-mcp-header: ...`; or ""
std::string find_param_headers(const nlohmann::json& schema,
                               std::vector<param_header>& out);

/// Checks that the headers of a call repeat its arguments.
/// @param id of the request, for the error
/// @throws rpc_error
void check_param_headers(const std::vector<param_header>& expected,
                         const nlohmann::json& arguments,
                         const header_map& headers, const nlohmann::json& id);

} // namespace troupe::mcp
