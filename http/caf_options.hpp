#pragma once

#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Checks options of CAF: their full names, e.g. `scheduler.max-threads`, and
/// values in CAF's own notation.
/// @returns what is wrong, after the name and a colon; or "".
[[nodiscard]] std::string check_caf_options(
  const std::vector<std::pair<std::string, std::string>>& options);

} // namespace troupe
