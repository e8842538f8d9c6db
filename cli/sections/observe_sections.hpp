#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// The keys of `server.log` and `server.telemetry`, and `server.server_timing`.
option log_section();
option telemetry_section();
option server_timing_option();

} // namespace troupe
