#pragma once

#include "troupe/cli/bench/run/run.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace troupe::load {

/// What the command line of `troupe bench` says of the request.
struct request_arguments {
  std::string method = {};
  std::vector<std::string> headers = {};
  std::vector<std::string> data = {};
  std::string lines_file = {};
  std::vector<std::string> form = {};
  bool templates = false;
};

/// What the command line of `troupe bench` says, as it was written; none: it
/// says nothing. What would have no effect is refused.
struct plan_arguments {
  std::string url = {};
  std::string concurrency = {};
  std::string rate = {};
  std::string search = {};
  std::optional<std::string> arrivals = {};
  std::optional<std::size_t> max_connections = {};
  /// 0: half the cores, for a server on the same machine.
  std::size_t threads = 0;
  std::optional<std::uint64_t> seed = {};
  std::string warmup = "1s";
  std::string window = "2s";
  std::string duration = {};
  std::optional<std::size_t> max_windows = {};
  std::optional<double> tolerance = {};
  std::optional<double> percentile = {};
  request_arguments request = {};
  std::string timeout = "30s";
  bool insecure = false;
  std::string ca_file = {};
};

/// `args` must outlive `command`.
void add_plan_options(CLI::App& command, plan_arguments& args);

/// For the end of the help.
std::string plan_examples();

/// @throws std::invalid_argument with the option that is wrong and what would
/// be right.
run_options make_plan(const plan_arguments& args);

} // namespace troupe::load
