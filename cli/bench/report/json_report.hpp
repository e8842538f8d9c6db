#pragma once

#include "troupe/cli/bench/run/run.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

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

/// Reads a file that holds a JSON report.
/// @throws std::invalid_argument with the file and what is wrong with it.
nlohmann::ordered_json load_report(const std::string& path);

} // namespace troupe::load
