#pragma once

#include <cstddef>

namespace troupe {

/// Lets `thread_slot` of this copy of the library ask that of another one, so
/// that a thread has one number in both: for a shared library that has a copy
/// of its own. Does nothing when it is the same copy. To be called before
/// anything of this copy counts.
void share_thread_slots(std::size_t (*of_other)() noexcept) noexcept;

} // namespace troupe
