#pragma once

#include <cstddef>

namespace troupe {

/// Finds out whether the process may have `n` more threads at once, by starting
/// and ending them. For libraries that end the process when they cannot have
/// theirs.
/// @throws std::runtime_error that says what to raise
void expect_threads(std::size_t n);

} // namespace troupe
