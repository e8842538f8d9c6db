#pragma once

#include <nlohmann/json.hpp>

#include <string>

/// Checks documents against a JSON Schema (2020-12). Troupe knows the keywords
/// that constrain types, numbers, lengths, members and elements, `enum`,
/// `const`, `allOf`, `anyOf`, `oneOf`, `not`, and `$ref` inside the schema.
/// Annotations, `format` among them, constrain nothing.
namespace troupe::mcp {

/// Compares a document with a schema.
/// @pre `check_keywords(schema)` (schema_keywords.hpp) is empty
/// @returns the first place that does not fit, e.g.
///          `/items/0/x: expected integer, got string`; or "".
[[nodiscard]] std::string mismatch(const nlohmann::json& document,
                                   const nlohmann::json& schema);

} // namespace troupe::mcp
