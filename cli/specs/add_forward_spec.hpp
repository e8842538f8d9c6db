#pragma once

#include "troupe/cli/specs/spec_registry.hpp"

namespace troupe {

/// Adds `forward`: further endpoints whose requests a model gets as they come.
/// `options.endpoints` is a list of `{"path": ..., "methods": [...]}`.
void add_forward_spec(spec_registry& registry);

} // namespace troupe
