#pragma once

#include "troupe/cli/specs/spec_registry.hpp"
#include "troupe/models/registry.hpp"

#include <iosfwd>

namespace troupe {

class early_signals;

/// What `troupe` can serve; filled by `main`.
struct program_parts {
  model_registry models = {};
  spec_registry specs = {};
  /// The process's, or null where the program does not handle signals.
  early_signals* signals = nullptr;
};

/// The program `troupe`. Results go to `out`, errors to `err`.
/// @returns the exit code: 0 fine, 1 run-time failure, 2 bad usage or bad
///          config
int run_program(int argc, const char* const* argv, const program_parts& parts,
                std::ostream& out, std::ostream& err);

} // namespace troupe
