#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

/// What reading a JSON Schema and comparing with it have in common.
namespace troupe::mcp {

/// How deep a schema, or a document beside it, may be nested. A schema that
/// refers to itself ends here.
inline constexpr int max_schema_depth = 200;

/// @returns what a reference (`#/$defs/x`) into the document at `root` means,
///          or null when it means nothing in it.
[[nodiscard]] const nlohmann::json* resolve(const nlohmann::json& root,
                                            const std::string& reference);

/// @returns `mark`, the name of a member, and what is wrong within it.
[[nodiscard]] std::string within_member(char mark, std::string_view name,
                                        std::string_view why);

} // namespace troupe::mcp
