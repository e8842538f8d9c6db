#pragma once

#include "troupe/cli/options/option.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace troupe {

/// Renders the table as a JSON Schema, draft 2020-12. It accepts what the
/// reader accepts, except for what needs more than one value to check: unique
/// names, known types, and what a model type says about its options.
nlohmann::ordered_json config_schema(const option& table);

/// The schema as it is printed and shipped: indented, with a newline.
std::string config_schema_text(const option& table);

} // namespace troupe
