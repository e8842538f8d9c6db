#pragma once

#include <string_view>

namespace troupe {

/// The Python worker (python/troupe_worker) as a zip archive that an
/// interpreter can run; part of the program, so that it needs no place in the
/// file system.
[[nodiscard]] std::string_view python_worker_archive() noexcept;

} // namespace troupe
