// How Troupe carries what models are really asked: bodies of 100 B to 1 MB,
// streams, service times, predict beside other traffic, many endpoints. Where a
// bare Beast server can do the same, against that; else against the arithmetic
// or against the same server without the disturbance. Rounds in turn, medians
// of the rounds' ratios.
//
// usage: workloads [rounds] [seconds] [GROUP] [--json FILE]

#include "troupe/bench/beast_server.hpp"
#include "troupe/bench/child.hpp"
#include "troupe/bench/results.hpp"
#include "troupe/bench/troupe_server.hpp"
#include "troupe/cli/bench/run.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using namespace troupe::bench;
namespace load = troupe::load;
using r = results;

struct call {
  std::string path;
  std::string body;
  std::string type = "application/json";
};

struct figures {
  double rate = 0;
  double items_rate = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us = 0;
};

/// Runs one benchmark after the other on servers of their own.
class workloads {
public:
  workloads(int rounds, double seconds, results& out)
    : rounds_(rounds), duration_(static_cast<int>(seconds * 1000)), out_(&out) {
    // nop
  }

  void bodies() {
    for (auto [name, size] :
         {std::pair{"100 B", 100}, {"10 KB", 10'000}, {"1 MB", 1'000'000}}) {
      // One long string: what JSON costs is the same for both.
      std::string text(static_cast<std::size_t>(size) - 10, 'x');
      call json{"/echo", "{\"x\": \"" + text + "\"}"};
      against_beast(std::string{"echo of JSON, "} + name + ": rate", json, 4,
                    &figures::rate);
    }
    call raw{"/echo", std::string(1'000'000, '\x7F'),
             "application/octet-stream"};
    against_beast("echo of 1 MB raw: bytes/s", raw, 4, &figures::rate,
                  r::at_least(0.8));
  }

  void streams() {
    call stream{"/stream", "{}"};
    against_beast("stream of 100 items, 1 client: items/s", stream, 1,
                  &figures::items_rate);
    against_beast("stream of 100 items, 16 clients: items/s", stream, 16,
                  &figures::items_rate, r::at_least(0.8));
  }

  void service_times() {
    child server{[] { run_workload_server(); }};
    for (const auto* spin : {"false", "true"})
      for (auto ms : {1, 5, 20}) {
        call sleep{"/sleep", "{\"base_ms\": " + std::to_string(ms)
                               + ", \"spin\": " + spin + "}"};
        std::vector<double> ratios;
        for (auto i = 0; i < rounds_; ++i)
          ratios.push_back(closed(server, sleep, 4).rate * ms / 1e3);
        out_->add_ratio(std::string{"service time "} + std::to_string(ms)
                          + (*spin == 't' ? " ms spinning" : " ms sleeping")
                          + ", 1 worker: rate / ideal",
                        ratios);
      }
  }

  /// 80 % predict, 20 % the same by a spec, against predict alone.
  void mix() {
    child server{[] { run_workload_server(); }};
    std::vector<double> ratios;
    std::vector<double> p99;
    for (auto i = 0; i < rounds_; ++i) {
      auto alone = open(server, square, 1000);
      auto mixed = beside(server, {"/spec/square", "{\"x\": 4.0}"}, 250, 0,
                          [&] { return open(server, square, 1000); });
      ratios.push_back(mixed.p50_us / alone.p50_us);
      p99.push_back(mixed.p99_us / alone.p99_us);
    }
    out_->add_ratio("predict with 20 % spec traffic: p50 / without", ratios);
    out_->add_ratio("predict with 20 % spec traffic: p99 / without", p99);
  }

  /// The load generator's second client costs the first one something, too, on
  /// a machine of few cores: so also against the same traffic to a handler that
  /// does not block.
  void slow_handler() {
    child server{[] { run_workload_server(); }};
    const call slow{"/slow", "{}"};
    const call quick{"/quick", "{}"};
    auto rate = closed(server, slow, 16).rate;
    auto predict = [&] { return latencies(server, square, 2000); };
    std::vector<double> alone;
    std::vector<double> traffic;
    for (auto i = 0; i < rounds_; ++i) {
      load::histogram without;
      load::histogram unblocked;
      load::histogram hammered;
      // In turns, so that a disturbance of the machine meets all three.
      constexpr auto turns = 4;
      for (auto k = 0; k < turns; ++k) {
        without.merge(predict());
        unblocked.merge(beside(server, quick, rate, 0, predict));
        hammered.merge(beside(server, slow, 0, 16, predict));
      }
      alone.push_back(p99_us(hammered) / p99_us(without));
      traffic.push_back(p99_us(hammered) / p99_us(unblocked));
    }
    out_->add_ratio("predict beside a hammered blocking handler: p99 / without",
                    alone, r::at_most(1.1));
    out_->add_ratio("the same / beside a handler that does not block", traffic,
                    r::at_most(1.1));
  }

  void endpoints() {
    std::vector<double> ratios;
    for (auto i = 0; i < rounds_; ++i) {
      child few{[] { run_workload_server(10); }};
      child many{[] { run_workload_server(100'000); }};
      ratios.push_back(closed(many, square, 4).cpu_us
                       / closed(few, square, 4).cpu_us);
    }
    out_->add_ratio("CPU per request with 100,000 routes / with 10", ratios);
  }

  void under_load() {
    std::vector<double> ratios;
    for (auto i = 0; i < rounds_; ++i) {
      child beast{[] { run_beast_server(); }};
      child troupe{[] { run_workload_server(); }};
      auto peak = std::min(closed(beast, square, 16).rate,
                           closed(troupe, square, 16).rate);
      ratios.push_back(open(troupe, square, 0.7 * peak).p99_us
                       / open(beast, square, 0.7 * peak).p99_us);
    }
    out_->add_ratio("p99 at 70 % of the peak / bare Beast", ratios);
  }

private:
  inline static const call square{"/predict", "{\"input\": 4.0}"};

  load::run_options options_of(const child& server, const call& what) const {
    load::run_options result;
    auto& request = result.engine.request;
    request.target = load::target::parse(
      "127.0.0.1:" + std::to_string(server.port) + what.path);
    request.bodies = {what.body};
    request.content_type = what.type;
    request.headers = {{"Accept", "application/x-ndjson, */*"}};
    result.warmup = duration_ / 4;
    result.window = duration_;
    result.duration = duration_;
    return result;
  }

  figures run(const child& server, const load::run_options& options) const {
    auto before = server.cpu_us();
    auto seen = load::run(options, {}).levels.at(0);
    auto cpu = server.cpu_us() - before;
    if (seen.stats.errors() > 0)
      throw std::runtime_error(options.engine.request.target.path
                               + ": answers other than 200");
    // The CPU time is of the warm-up, too, at the same rate.
    auto share =
      static_cast<double>(options.duration.count())
      / static_cast<double>((options.duration + options.warmup).count());
    return {
      seen.rate(), seen.items_rate(),
      static_cast<double>(seen.stats.latency.percentile(50).count()) / 1e3,
      static_cast<double>(seen.stats.latency.percentile(99).count()) / 1e3,
      cpu * share / static_cast<double>(seen.stats.requests())};
  }

  figures closed(const child& server, const call& what,
                 double connections) const {
    auto options = options_of(server, what);
    options.levels = {connections};
    return run(server, options);
  }

  /// @param times how many of the usual durations it takes
  figures open(const child& server, const call& what, double rate) const {
    return run(server, at_rate(server, what, rate));
  }

  load::histogram latencies(const child& server, const call& what,
                            double rate) const {
    return load::run(at_rate(server, what, rate), {})
      .levels.at(0)
      .stats.latency;
  }

  load::run_options at_rate(const child& server, const call& what,
                            double rate) const {
    auto options = options_of(server, what);
    options.open_loop = true;
    options.levels = {rate};
    return options;
  }

  static double p99_us(const load::histogram& x) {
    return static_cast<double>(x.percentile(99).count()) / 1e3;
  }

  /// Runs `f` while another thread sends `what`, by a rate or from so many
  /// connections.
  template <class F>
  std::invoke_result_t<F> beside(const child& server, const call& what,
                                 double rate, std::size_t connections,
                                 F f) const {
    auto options = options_of(server, what);
    load::engine other{options.engine,
                       {rate, rate > 0 ? 64 : connections},
                       load::engine::time_point::clock::now(),
                       std::chrono::hours{1}};
    return f();
  }

  void against_beast(const std::string& name, const call& what,
                     double connections, double figures::*figure,
                     std::optional<r::target> goal = {}) {
    std::vector<double> ratios;
    for (auto i = 0; i < rounds_; ++i) {
      child beast{[] { run_beast_server(); }};
      auto base = closed(beast, what, connections);
      child troupe{[] { run_workload_server(); }};
      ratios.push_back(closed(troupe, what, connections).*figure
                       / (base.*figure));
    }
    out_->add_ratio(name + " / bare Beast", ratios, goal);
  }

  int rounds_;
  std::chrono::milliseconds duration_;
  results* out_;
};

} // namespace

int main(int argc, char** argv) {
  results out{"workloads", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  auto seconds = argc > 2 ? std::atof(argv[2]) : 1.0;
  workloads all{rounds, seconds, out};
  const std::vector<std::pair<std::string, void (workloads::*)()>> groups{
    {"bodies", &workloads::bodies},
    {"streams", &workloads::streams},
    {"service_times", &workloads::service_times},
    {"mix", &workloads::mix},
    {"slow_handler", &workloads::slow_handler},
    {"under_load", &workloads::under_load},
    {"endpoints", &workloads::endpoints}};
  auto ran = 0;
  for (const auto& [name, run] : groups) {
    if (argc > 3 && name != argv[3])
      continue;
    (all.*run)();
    ++ran;
  }
  return ran > 0 ? 0 : 2;
}
