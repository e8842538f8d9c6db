#pragma once

#include "troupe/models/registry.hpp"

#include <iosfwd>

namespace troupe {

/// Runs one model for the server that started this process, by the worker
/// protocol.
/// @returns the exit code
int run_worker(const model_registry& models, std::ostream& err);

} // namespace troupe
