#pragma once

#include <cstdint>

namespace troupe {

/// Returns 64 random bits for an id, from a generator of the calling thread,
/// which the system seeds once with 256 bits. The ids do not repeat, but
/// somebody who has seen some can compute the next: not for secrets.
std::uint64_t random_bits();

} // namespace troupe
