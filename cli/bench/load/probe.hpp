#pragma once

#include "troupe/cli/bench/load/engine.hpp"

#include <string>

namespace troupe::load {

/// The answer to one request, as far as a user needs it to see what is wrong.
struct probe_result {
  unsigned status = 0;
  /// The beginning of the body of an error.
  std::string text = {};
};

/// Sends one request before a measurement, so that what can't work is told at
/// once and with its reason. Blocks, at most for the timeout of a request.
/// @throws std::runtime_error when there is no connection, no TLS session, no
///   answer.
probe_result probe(const engine_options& options);

} // namespace troupe::load
