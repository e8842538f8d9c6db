#pragma once

#include <cstdint>

namespace troupe::bench {

/// The ceiling: a bare Beast server, one thread, that parses, checks and
/// serialises what `square` does (JSON in, JSON out, 400/422 on bad input) in
/// Beast's own idioms, and nothing else: no table, no actors, no deadlines
/// for a request. `/echo` answers the body it was given (JSON is parsed and
/// written again), `/stream` 100 items of NDJSON, a chunk each. Prints `port N`
/// and serves until it is killed.
[[noreturn]] void run_beast_server();

} // namespace troupe::bench
