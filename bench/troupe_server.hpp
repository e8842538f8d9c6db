#pragma once

#include "troupe/specs/model.hpp"

namespace troupe::bench {

/// Serves `square` at `/predict`. Prints `port N` and serves until it is
/// killed.
[[noreturn]] void run_troupe_server(execution_mode execution);

/// Serves `square`, `echo` and `stream` inline at `/predict`, `/echo` and
/// `/stream`; `sleep` at `/sleep` (milliseconds as the request says); a spec's
/// translation of `square` at `/spec/square`; a custom route `/slow` whose
/// handler blocks for 20 ms, `/quick` whose handler does not; and so many
/// routes `/filler/N`. Prints `port N` and serves until it is killed.
[[noreturn]] void run_workload_server(std::size_t filler_routes = 0);

} // namespace troupe::bench
