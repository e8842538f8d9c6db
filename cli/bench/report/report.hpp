#pragma once

#include "troupe/cli/bench/run/run.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe::load {

/// What a run was, for whoever reads its results later.
struct run_facts {
  std::string url = {};
  std::string method = {};
  /// RFC 3339, UTC.
  std::string started = {};
  std::string version = {};
};

/// The machine's part is asked of the system.
run_facts facts_of(const run_options& options, std::string_view url,
                   std::string_view version);

/// The name and version of the form that `json_report` has; a change that
/// breaks readers changes the number.
constexpr std::string_view report_format = "troupe-bench/1";

/// All that is known: the other reports are made of this. Times are in
/// milliseconds, rates are per second, shares from 0 to 1; see
/// docs/benchmarking.md for the keys.
nlohmann::ordered_json json_report(const run_facts& facts,
                                   const run_options& options,
                                   const run_result& result);

/// What a reader must know before he believes the figures, each with its level:
/// errors, late sends, levels that were not stable.
std::vector<std::string> report_notes(const nlohmann::ordered_json& report);

/// One row for each level, for a terminal; then `report_notes`.
std::string text_report(const nlohmann::ordered_json& report);

/// One row for each level (RFC 4180).
std::string csv_report(const nlohmann::ordered_json& report);

/// A page that needs nothing else: the table, `report_notes`, plots of latency
/// against load, percentiles, throughput over time.
std::string html_report(const nlohmann::ordered_json& report);

/// Reads a file that holds a JSON report.
/// @throws std::invalid_argument with the file and what is wrong with it.
nlohmann::ordered_json load_report(const std::string& path);

/// What `after` is to `before`, level by level; of two searches: what they
/// found.
struct comparison {
  /// With a warning for each fact in which the reports differ.
  std::string text;
  /// The largest loss: of rate or of the rate that a search found, growth of
  /// p50, p99 or of the share of errors; 0.1 is 10 %. A level that is missing
  /// in `after` is lost whole.
  double worst = 0;
  /// How many could be compared.
  std::size_t levels = 0;
};

comparison compare(const nlohmann::ordered_json& before,
                   const nlohmann::ordered_json& after);

} // namespace troupe::load
