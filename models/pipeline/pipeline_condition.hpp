#pragma once

#include "troupe/models/pipeline/pipeline_template.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace troupe {

/// Makes a function of a condition in a config: `{"value": "$REF", OP: x}` with
/// one OP of `equals`, `in`, `above`, `at_least`, `below`, `at_most` and
/// `exists`. A value that is missing, or of another type, is neither equal nor
/// above nor below.
/// @throws model_config_error
std::function<bool(const pipeline_scope&)>
make_condition(const nlohmann::json& text, const pipeline_names& known,
               const std::string& where);

} // namespace troupe
