#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace troupe::mcp {

/// Looks for what `mismatch` (schema_check.hpp) would not obey. It knows the
/// keywords of JSON Schema 2020-12 that constrain types, numbers, lengths,
/// members and elements, `enum`, `const`, `allOf`, `anyOf`, `oneOf`, `not`,
/// and `$ref` inside the schema.
/// @returns what is wrong, after the place, e.g.
///          `.properties.x.pattern: this keyword is not checked`; or "".
[[nodiscard]] std::string check_keywords(const nlohmann::json& schema);

} // namespace troupe::mcp
