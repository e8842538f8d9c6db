#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace troupe {

/// Returns the memory that this process may use, in bytes: that of the machine,
/// or the least limit of the control groups that it is in (version 1 or 2);
/// nothing when the system does not say.
/// @param root where `proc` and `sys` are
std::optional<std::uint64_t>
usable_memory(const std::filesystem::path& root = "/");

/// Returns the memory that this process can still get, in bytes: what Linux
/// calls available, or what the limits of its control groups leave, if that is
/// less. Cached files count as free. Nothing when the system does not say.
/// @param root where `proc` and `sys` are
std::optional<std::uint64_t>
free_memory(const std::filesystem::path& root = "/");

} // namespace troupe
