#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Flattens the section `caf` to full names and values in CAF's notation. A
/// string may also stand for an atom of CAF (a scheduler's policy is one) or a
/// time.
std::vector<std::pair<std::string, std::string>>
caf_values(const nlohmann::json& section);

} // namespace troupe
