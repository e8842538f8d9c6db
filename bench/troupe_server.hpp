#pragma once

#include "troupe/specs/model.hpp"

namespace troupe::bench {

/// Serves `square` at `/predict`. Prints `port N` and serves until it is
/// killed.
[[noreturn]] void run_troupe_server(execution_mode execution);

} // namespace troupe::bench
