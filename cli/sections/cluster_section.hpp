#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// The line `cluster` of the option table.
option cluster_section();

} // namespace troupe
