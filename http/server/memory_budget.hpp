#pragma once

#include <cstdint>
#include <filesystem>

namespace troupe {

/// Returns half of the memory that this process may use, which leaves room for
/// models and for what is made of the bodies; 1 GiB when the system does not
/// say.
/// @param root where the system's files are
std::uint64_t default_memory_budget(const std::filesystem::path& root = "/");

} // namespace troupe
