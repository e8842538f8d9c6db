#include "troupe/cli/bench/report/json_report.hpp"

#include "troupe/specs/json/json.hpp"

#include <array>
#include <cmath>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <sys/utsname.h>
#include <thread>

namespace troupe::load {

namespace {

using json = nlohmann::ordered_json;
using std::chrono::nanoseconds;

double ms(nanoseconds x) {
  return static_cast<double>(x.count()) / 1e6;
}

/// Percentiles that come closer to 100 as HdrHistogram's output does: five
/// steps for each halving of what is left.
json spectrum(const histogram& x) {
  auto result = json::array();
  constexpr auto steps = 5;
  for (double left = 100; left > 0.0005; left /= 2) {
    for (auto i = 0; i < steps; ++i) {
      auto percent = 100 - left + left / 2 * i / steps;
      result.push_back({percent, ms(x.percentile(percent))});
    }
    // Beyond this, there is not one value left to tell apart.
    if (left / 100 * static_cast<double>(x.count()) < 1)
      break;
  }
  result.push_back({100.0, ms(x.max())});
  return result;
}

/// Whether there is a value above the percentile: without, it would be the
/// maximum by another name.
bool known(const histogram& x, double percent) {
  constexpr auto rounding = 1e-9;
  return static_cast<double>(x.count()) * (100 - percent) >= 100 - rounding;
}

json distribution(const histogram& x) {
  json result = {{"count", x.count()},
                 {"mean", ms(x.mean())},
                 {"stdev", ms(x.standard_deviation())},
                 {"min", ms(x.min())}};
  constexpr std::array percents{50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99};
  for (auto p : percents) {
    std::string key{"p"};
    key += number_text(p);
    result[key] = known(x, p) ? json(ms(x.percentile(p))) : json(nullptr);
  }
  result["max"] = ms(x.max());
  result["spectrum"] = spectrum(x);
  return result;
}

json level_json(const level_result& x, bool open_loop) {
  json result;
  result["connections"] = x.level.connections;
  result["planned_rate"] = open_loop ? json(x.level.rate) : json(nullptr);
  result["stable"] = x.stable ? json(*x.stable) : json(nullptr);
  auto windows = json::array();
  for (const auto& w : x.windows)
    windows.push_back(
      {{"rate", w.rate}, {"latency_ms", ms(w.latency)}, {"errors", w.errors}});
  result["windows"] = std::move(windows);
  result["measured_windows"] = x.measured;
  result["each_second"] = x.each_second;
  result["seconds"] = x.seconds;
  result["requests"] = x.stats.requests();
  result["rate"] = x.rate();
  result["errors"] = x.stats.errors();
  auto statuses = json::object();
  for (auto [status, count] : x.stats.statuses)
    statuses[std::to_string(status)] = count;
  result["statuses"] = std::move(statuses);
  auto failures = json::object();
  for (std::size_t i = 0; i < failure_kinds; ++i)
    if (x.stats.failures[i] != 0)
      failures[to_string(static_cast<failure>(i))] = x.stats.failures[i];
  result["failures"] = std::move(failures);
  result["bytes_sent"] = x.stats.bytes_sent;
  result["bytes_received"] = x.stats.bytes_received;
  result["late"] = x.stats.late;
  result["queued"] = x.stats.queued;
  result["loader_cpu"] = x.loader_cpu;
  result["latency_ms"] = distribution(x.stats.latency_with_slow_errors());
  if (x.stats.error_latency.count() > 0)
    result["error_ms"] = distribution(x.stats.error_latency);
  if (open_loop)
    result["service_time_ms"] = distribution(x.stats.service_time);
  if (x.stats.first_item.count() > 0)
    result["stream"] = {
      {"items", x.stats.items},
      {"items_rate", x.items_rate()},
      {"first_item_ms", distribution(x.stats.first_item)},
      {"between_items_ms", distribution(x.stats.between_items)}};
  return result;
}

std::string now_text() {
  auto now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text;
  auto size = std::strftime(text.data(), text.size(), "%FT%TZ", &utc);
  return {text.data(), size};
}

} // namespace

run_facts facts_of(const run_options& options, std::string_view url,
                   std::string_view version) {
  const auto& request = options.engine.request;
  run_facts result;
  result.url = url;
  result.method = !request.method.empty()  ? request.method
                  : request.bodies.empty() ? "GET"
                                           : "POST";
  result.started = now_text();
  result.version = version;
  return result;
}

json json_report(const run_facts& facts, const run_options& options,
                 const run_result& result) {
  utsname system{};
  uname(&system);
  json report;
  report["format"] = report_format;
  report["troupe"] = facts.version;
  report["started"] = facts.started;
  report["url"] = facts.url;
  report["method"] = facts.method;
  report["loop"] = options.open_loop ? "open" : "closed";
  if (options.open_loop)
    report["arrivals"] = options.engine.arrivals == arrival_kind::constant
                           ? "constant"
                           : "poisson";
  report["threads"] = options.engine.threads;
  report["warmup_ms"] = ms(options.warmup);
  // As it was: whole windows make up a --duration.
  report["window_ms"] =
    ms(result.levels.empty() ? options.window : result.levels.front().window);
  report["stability_percentile"] = options.stability_percentile;
  report["until_stable"] = options.duration == nanoseconds::zero();
  report["timeout_ms"] = ms(options.engine.timeout);
  report["machine"] = {
    {"cores", std::thread::hardware_concurrency()},
    {"kernel", std::string{system.sysname} + ' ' + system.release},
    {"architecture", system.machine}};
  report["interrupted"] = result.interrupted;
  if (options.bound) {
    json search = {{"bound", options.bound->text()},
                   {"percentile", options.bound->percentile},
                   {"limit_ms", ms(options.bound->limit)}};
    search["best_rate"] =
      result.best_rate ? json(*result.best_rate) : json(nullptr);
    search["held_at_the_highest"] = result.bound_held_at_the_highest;
    report["search"] = std::move(search);
  }
  auto levels = json::array();
  for (const auto& x : result.levels) {
    auto level = level_json(x, options.open_loop);
    if (options.bound)
      level["within_bound"] = x.within_bound;
    levels.push_back(std::move(level));
  }
  report["levels"] = std::move(levels);
  return report;
}

json load_report(const std::string& path) {
  auto text = read_file(path);
  json result;
  try {
    result = parse_json(text);
  } catch (const json_syntax_error& e) {
    throw std::invalid_argument(path + ": not JSON: " + e.what());
  }
  if (!result.is_object() || result.value("format", "") != report_format
      || !result.contains("levels") || !result["levels"].is_array())
    throw std::invalid_argument(path
                                + ": not a report that troupe bench --json "
                                  "wrote (format "
                                + std::string{report_format} + ")");
  return result;
}

} // namespace troupe::load
