#pragma once

#include "troupe/specs/model/model.hpp"

#include <string>
#include <vector>

namespace troupe {

/// What is wrong with a pipeline beside the models that it asks.
struct pipeline_fault {
  /// Of the pipeline.
  std::string model = {};
  /// Where in its steps: `steps.0.model`, `steps.2.then.1.model`; or empty.
  std::string where = {};
  /// What is wrong, and what to do instead.
  std::string what = {};
};

/// Checks every pipeline of a server: models that it asks and that are not
/// there, pipelines that ask each other in a circle, streams that are not at
/// the end, callers who may ask the pipeline but not its models.
std::vector<pipeline_fault>
check_pipelines(const std::vector<const model_definition*>& models);

/// Returns whether the answers of a definition are streams for every request.
bool always_streams(const model_definition& x,
                    const std::vector<const model_definition*>& models);

} // namespace troupe
