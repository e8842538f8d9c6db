#pragma once

#include "troupe/models/process/frame_channel.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace troupe {

/// The Python worker (python/troupe_worker) and the names of LitServe
/// (python/litserve) as a zip archive that an interpreter can run; part of the
/// program, so that it needs no place in the file system.
[[nodiscard]] std::string_view python_worker_archive() noexcept;

/// Returns the archive as a file without a name.
/// @throws std::system_error
[[nodiscard]] std::shared_ptr<const unique_fd> python_worker_file();

/// Where a child finds that file, when it gets it as `child_command::extra_fd`.
inline constexpr const char* python_worker_path = "/proc/self/fd/4";

/// Writes the archive into a folder, which is made if it is missing, under a
/// name that says what is in it; a file that is there already is kept.
/// @returns the file
/// @throws std::runtime_error
std::string unpack_python_worker(const std::string& folder);

} // namespace troupe
