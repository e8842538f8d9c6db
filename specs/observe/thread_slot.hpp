#pragma once

#include <cstddef>

namespace troupe {

/// How many threads have a number of their own at once.
inline constexpr std::size_t thread_slots = 64;

/// Returns the number of the calling thread: below `thread_slots` no other
/// thread has it until this one ends, and the next one that gets it sees what
/// this one wrote. `thread_slots` means that all are taken: many threads have
/// that one.
std::size_t thread_slot() noexcept;

} // namespace troupe
