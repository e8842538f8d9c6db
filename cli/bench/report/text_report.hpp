#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace troupe::load {

/// What a reader must know before believing the figures, each with its level:
/// errors, late sends, levels that were not stable.
std::vector<std::string> report_notes(const nlohmann::ordered_json& report);

/// One row for each level, for a terminal; then `report_notes`.
std::string text_report(const nlohmann::ordered_json& report);

/// One row for each level (RFC 4180).
std::string csv_report(const nlohmann::ordered_json& report);

} // namespace troupe::load
