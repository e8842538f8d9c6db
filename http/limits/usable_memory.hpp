#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace troupe {

/// Returns the memory that this process may use, in bytes: that of the machine,
/// or the least limit of the control groups that it is in; nothing when the
/// system does not say.
/// @param root where the system's files are
std::optional<std::uint64_t>
usable_memory(const std::filesystem::path& root = "/");

/// Returns half of that, which leaves room for models and for what is made of
/// the bodies; 1 GiB when the system does not say.
std::uint64_t default_memory_budget(const std::filesystem::path& root = "/");

} // namespace troupe
