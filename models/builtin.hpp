#pragma once

#include "troupe/models/registry.hpp"

namespace troupe {

/// The five built-in models, for tests, benchmarks and chaos. docs/models.md
/// says what a request may override.
/// @throws model_config_error for unknown or malformed options
model_definition make_echo(model_options options, const model_config& config);
model_definition make_square(model_options options, const model_config& config);
model_definition make_sleep(model_options options, const model_config& config);
model_definition make_stream(model_options options, const model_config& config);
model_definition make_fault(model_options options, const model_config& config);

} // namespace troupe
