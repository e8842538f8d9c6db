// Whether `troupe bench` tells the truth about a server that stalls: for 500 ms
// of every 2.5 s nothing is answered, requests are planned at 500/s, and the
// percentiles that a plan without coordinated omission must show are computed
// from the stall. A closed loop is shown beside it: it hides the stall. The
// server is a process of its own. Exit code 1 when p90 is wrong by over 20 %.
//
// usage: stall [rounds] [seconds] [--json FILE]

#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"
#include "troupe/cli/bench/run/run.hpp"
#include "troupe/http/server.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
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

/// Whoever waits for a stalled server waits for a connection, too: that is no
/// fault of the load generator.
double late_share(const load::window_stats& x) {
  return static_cast<double>(x.late) / static_cast<double>(x.requests());
}

/// Runs again, up to twice, when the load generator was late.
load::level_result punctual(const load::run_options& run) {
  auto result = load::run(run, {}).levels.at(0);
  for (auto i = 0;
       i < 2 && late_share(result.stats) > bench::loader_state::most_late;
       ++i) {
    auto again = load::run(run, {}).levels.at(0);
    if (late_share(again.stats) < late_share(result.stats))
      result = std::move(again);
  }
  return result;
}

[[noreturn]] void serve_stalling() {
  server_options options;
  options.port = 0;
  server served{options, no_log()};
  model_options model;
  model.name = "stall";
  model.execution = execution_mode::inlined;
  served.add<stalling_model>(std::move(model));
  bench::serve(served);
}

} // namespace

int main(int argc, char** argv) {
  bench::results out{"stall", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 3;
  auto seconds = argc > 2 ? std::atof(argv[2]) : 5;
  const bench::child served{serve_stalling};

  load::run_options run;
  auto url = "http://127.0.0.1:" + std::to_string(served.port) + "/predict";
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
  auto exact = exact_waits_ms();
  auto exact_p90 = percentile(exact, 90);
  load::window_stats open;
  bench::series errors;
  for (auto i = 0; i < rounds; ++i) {
    auto x = punctual(run);
    open.merge(x.stats);
    errors.add(std::abs(ms(x.stats.latency.percentile(90)) / exact_p90 - 1),
               {late_share(x.stats), x.loader_cpu});
  }
  run.open_loop = false;
  run.levels = {1};
  auto closed = load::run(run, {}).levels.at(0);

  std::printf("%-6s %12s %12s %8s %14s\n", "", "exact ms", "open loop", "ratio",
              "closed loop");
  for (auto p : {50.0, 85.0, 90.0, 95.0, 99.0}) {
    auto wanted = percentile(exact, p);
    auto seen = ms(open.latency.percentile(p));
    std::printf("p%-5g %12.2f %12.2f %8.3f %14.2f\n", p, wanted, seen,
                wanted > 0 ? seen / wanted : 0,
                ms(closed.stats.latency.percentile(p)));
  }
  std::printf("late sends: %llu of %llu\n",
              static_cast<unsigned long long>(open.late),
              static_cast<unsigned long long>(open.requests()));
  out.add_ratio("open loop of a stall: |p90 / exact - 1|", errors,
                bench::results::at_most(0.05));
  if (open.errors() + closed.stats.errors() > 0) {
    std::fprintf(stderr, "stall: answers other than 200\n");
    return 1;
  }
  if (bench::median(errors.rounds) > 0.2) {
    std::fprintf(stderr, "stall: p90 is wrong by over 20 %%\n");
    return 1;
  }
  return 0;
}
