#pragma once

#include "troupe/actors/table/endpoint_table.hpp"

#include <string>

namespace troupe {

/// Renders the table for a terminal, sorted by pattern: methods, pattern,
/// kind, owner, access, origin; below it what shadows what and what a policy
/// dropped.
std::string render_table(const endpoint_table& table);

} // namespace troupe
