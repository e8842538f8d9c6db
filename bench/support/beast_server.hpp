#pragma once

#include <cstdint>

namespace troupe::bench {

/// The ceiling: a bare Beast server, one thread, that parses, checks and
/// serialises what `square` does (JSON in, JSON out, 400/422 on bad input) in
/// Beast's own idioms, and nothing else: no table, no actors (the model is
/// called where the request was read), no deadlines for a request. `/echo`
/// answers the body it was given (JSON is parsed and written again). `/stream`
/// answers 100 items of NDJSON, a chunk and a write each; `/stream/joined` the
/// same from a model on a thread of its own, with one write for all chunks that
/// came during the last one. Prints `port N` and serves until it is killed.
[[noreturn]] void run_beast_server();

} // namespace troupe::bench
