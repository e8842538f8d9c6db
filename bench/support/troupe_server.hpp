#pragma once

#include "troupe/specs/model/model.hpp"

#include <cstddef>

namespace troupe {

class server;

namespace bench {

/// Serves `square` at `/predict`, beside so many routes `/filler/N`. Prints
/// `port N` and serves until it is killed.
[[noreturn]] void run_troupe_server(execution_mode execution,
                                    std::size_t filler_routes = 0);

/// What a batch of n takes: `base_ms + per_item_ms * n`.
struct batch_cost {
  double base_ms;
  double per_item_ms;
};

/// Serves `sleep` at `/predict`. Prints `port N` and serves until it is killed.
[[noreturn]] void run_sleep_server(batch_cost cost, batch_options batch,
                                   std::size_t workers);

/// Starts a server whose port is 0, prints `port N`, serves until it is killed.
[[noreturn]] void serve(server& served);

/// Serves `square` and `echo` inline at `/predict` and `/echo`; on threads of
/// their own `stream` (100 items) at `/stream`, `sleep` at `/sleep` and, with
/// `spin`, at `/spin` (milliseconds as the request says); a spec's translation
/// of `square` at `/spec/square`; a custom route `/slow` whose handler blocks
/// for 20 ms, `/quick` whose handler does not. Prints `port N` and serves until
/// it is killed.
[[noreturn]] void run_workload_server();

} // namespace bench

} // namespace troupe
