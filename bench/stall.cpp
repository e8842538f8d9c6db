// Whether `troupe bench` tells the truth about a server that stalls: for 500 ms
// of every 2.5 s nothing is answered, requests are planned at 500/s, and the
// percentiles that a plan without coordinated omission must show are computed
// from the stall. A closed loop is shown beside it: it hides the stall.
//
// usage: stall [seconds] [--json FILE]

#include "troupe/bench/results.hpp"
#include "troupe/cli/bench/run.hpp"
#include "troupe/http/server.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

using namespace troupe;
using clock_type = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds period{2500};
constexpr milliseconds stall{500};
constexpr double rate = 500;

/// The stall that `t` falls into ends then; `t` itself when there is none.
clock_type::time_point end_of_stall(clock_type::time_point t) {
  auto phase = t.time_since_epoch() % period;
  return phase < stall ? t - phase + stall : t;
}

/// Runs on the thread that reads the sockets, so all connections stall.
struct stalling_model {
  double predict(double x) {
    std::this_thread::sleep_until(end_of_stall(clock_type::now()));
    return x;
  }
};

/// What a request waits that is planned at each tick of one period.
std::vector<double> exact_waits_ms() {
  std::vector<double> result;
  auto start = clock_type::time_point{} + period * 1000;
  auto gap = std::chrono::nanoseconds{std::llround(1e9 / rate)};
  for (auto t = start; t < start + period; t += gap)
    result.push_back(
      std::chrono::duration<double, std::milli>(end_of_stall(t) - t).count());
  std::sort(result.begin(), result.end());
  return result;
}

double percentile(const std::vector<double>& sorted, double p) {
  auto rank = static_cast<std::size_t>(
    std::ceil(p / 100 * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double ms(std::chrono::nanoseconds x) {
  return static_cast<double>(x.count()) / 1e6;
}

} // namespace

int main(int argc, char** argv) {
  bench::results out{"stall", argc, argv};
  auto seconds = argc > 1 ? std::atof(argv[1]) : 10;
  server_options options;
  options.port = 0;
  server served{options, no_log()};
  model_options model;
  model.name = "stall";
  model.execution = execution_mode::inlined;
  served.add<stalling_model>(std::move(model));
  served.start();
  if (!served.wait_ready())
    return 1;

  load::run_options run;
  auto url = "http://127.0.0.1:" + std::to_string(served.port()) + "/predict";
  run.engine.request.target = load::target::parse(url);
  run.engine.request.bodies = {"1"};
  run.engine.request.content_type = "application/json";
  run.window = period;
  // Whole periods, so that the share of the stall is exact.
  auto periods = std::max(1.0, std::round(seconds * 1e3 / 2500));
  run.duration = period * static_cast<int>(periods);
  run.warmup = milliseconds{200};
  run.open_loop = true;
  run.levels = {rate};
  auto open = load::run(run, {}).levels.at(0);
  run.open_loop = false;
  run.levels = {1};
  auto closed = load::run(run, {}).levels.at(0);
  served.stop();

  auto exact = exact_waits_ms();
  std::printf("%-6s %12s %12s %8s %14s\n", "", "exact ms", "open loop", "ratio",
              "closed loop");
  for (auto p : {50.0, 85.0, 90.0, 95.0, 99.0}) {
    auto wanted = percentile(exact, p);
    auto seen = ms(open.stats.latency.percentile(p));
    std::printf("p%-5g %12.2f %12.2f %8.3f %14.2f\n", p, wanted, seen,
                wanted > 0 ? seen / wanted : 0,
                ms(closed.stats.latency.percentile(p)));
  }
  std::printf("late sends: %llu of %llu\n",
              static_cast<unsigned long long>(open.stats.late),
              static_cast<unsigned long long>(open.stats.requests()));
  auto ratio = ms(open.stats.latency.percentile(90)) / percentile(exact, 90);
  out.add("open loop of a stall: |p90 / exact - 1|", std::abs(ratio - 1), "",
          bench::results::at_most(0.05));
  return open.stats.errors() == 0 ? 0 : 1;
}
