#pragma once

#include <filesystem>
#include <string>

namespace troupe {

/// Returns a text that is another one when a file has changed, by its time and
/// its size; "" where there is none.
[[nodiscard]] std::string file_stamp(const std::filesystem::path& file);

} // namespace troupe
