#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace troupe::load {

/// A page that needs nothing else: the table, `report_notes`, plots of latency
/// against load, percentiles, throughput over time.
std::string html_report(const nlohmann::ordered_json& report);

} // namespace troupe::load
