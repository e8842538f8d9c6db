#pragma once

#include "troupe/cli/specs/spec_registry.hpp"

namespace troupe {

/// Adds the spec type `mcp`. Its options are those of `mcp_options`; unknown
/// keys, and tools whose model is not in the config, are errors.
void add_mcp_spec(spec_registry& registry);

} // namespace troupe
