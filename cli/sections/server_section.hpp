#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// `server`: the port, the limits, the built-ins.
option server_section();

} // namespace troupe
