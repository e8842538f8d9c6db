#pragma once

#include <cstdint>

namespace troupe {

/// Returns 64 random bits for an id, from a generator of the calling thread,
/// which the system seeds once with 256 bits. Nobody meets the same ids again,
/// but who has seen some can tell the next: nothing for secrets.
std::uint64_t random_bits();

} // namespace troupe
