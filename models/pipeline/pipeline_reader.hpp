#pragma once

#include "troupe/specs/pipeline/pipeline.hpp"

#include <nlohmann/json.hpp>

namespace troupe {

/// Makes the steps of a pipeline of the `options` of its entry in a config:
/// `{"steps": [...], "output": TEMPLATE}`; see docs/pipelines.md.
/// @throws model_config_error
pipeline_steps read_pipeline(const nlohmann::json& options);

} // namespace troupe
