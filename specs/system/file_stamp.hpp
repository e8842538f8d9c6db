#pragma once

#include <filesystem>
#include <string>

namespace troupe {

/// Returns a text that changes when the time or the size of a file changes; ""
/// when there is no file.
[[nodiscard]] std::string file_stamp(const std::filesystem::path& file);

} // namespace troupe
