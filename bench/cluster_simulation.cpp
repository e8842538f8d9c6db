// How does a front with 1 to 1,000 nodes queue, place and fail? Troupe's own
// queues (`work_queue`, POOL's logic) run on a fake clock, without sockets and
// models; arrivals are Poisson. Where theory has an answer (M/M/c), it stands
// beside; exit code 1 when the simulation is off it. The last table is
// measured: the CPU time that POOL's logic needs for a request with so many
// nodes.
//
// usage: cluster_simulation [arrivals] [--seed N] [--json FILE]

#include "troupe/bench/cluster/hand_out.hpp"
#include "troupe/bench/cluster/handles.hpp"
#include "troupe/bench/cluster/simulation.hpp"
#include "troupe/bench/support/results.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace troupe;
using namespace troupe::bench;

constexpr std::uint32_t sizes[] = {1, 3, 10, 30, 100, 300, 1000};

double ms(double seconds) {
  return seconds * 1e3;
}

double mean(const std::vector<float>& xs) {
  return mean_of(xs).mean;
}

class program {
public:
  program(results& out, std::uint64_t arrivals, std::uint64_t seed)
    : out_(out), arrivals_(arrivals), seed_(seed) {
    // nop
  }

  void queueing();
  void network();
  void slow_nodes();
  void losses();
  void batches();
  void hand_outs();

  /// Whether the simulation agrees with theory.
  [[nodiscard]] bool agrees() const {
    return off_ == 0;
  }

private:
  simulation_plan plan(std::uint32_t nodes, double load) {
    simulation_plan result;
    result.nodes = nodes;
    result.load = load;
    result.arrivals = plan_arrivals(nodes, result.workers);
    result.seed = 1'000 * seed_ + plans_++;
    return result;
  }

  /// Short runs leave out what would make them long.
  [[nodiscard]] bool has_time_for(std::uint32_t nodes) const {
    return plan_arrivals(nodes, simulation_plan{}.workers) <= 10 * arrivals_;
  }

  /// None for what the run has no time for.
  [[nodiscard]] std::vector<double> loads_for(std::uint32_t nodes,
                                              std::vector<double> all = {
                                                0.5, 0.8, 0.95}) const {
    return has_time_for(nodes) ? all : std::vector<double>{};
  }

  /// At least 50 calls of each worker: a tenth of them fills the queues.
  [[nodiscard]] std::uint64_t plan_arrivals(std::uint32_t nodes,
                                            std::uint32_t workers) const {
    return std::max<std::uint64_t>(arrivals_, 50ULL * nodes * workers);
  }

  simulation_result run(const simulation_plan& plan) {
    return simulate(sys_.system, plan);
  }

  void losses(std::uint32_t nodes, double noticed_from, double noticed_to,
              bool idempotent);
  void compare(const simulation_plan& plan, const batch_means& seen);

  /// Figures come after their table.
  void note(std::string name, double value, std::string unit = {}) {
    noted_.push_back({std::move(name), value, std::move(unit)});
  }

  void write_noted() {
    for (const auto& x : noted_)
      out_.add(x.name, x.value, x.unit);
    noted_.clear();
  }

  struct figure {
    std::string name;
    double value;
    std::string unit;
  };

  idle_system sys_;
  results& out_;
  std::vector<figure> noted_;
  std::uint64_t arrivals_;
  std::uint64_t seed_;
  /// So that their luck differs.
  std::uint64_t plans_ = 0;
  /// Of waits, with theory.
  int compared_ = 0;
  int off_ = 0;
};

/// Whether the run is long enough to tell: waits that depend on each other come
/// in bursts, of which there must be some.
bool is_long_enough(const simulation_plan& plan, const erlang_c& theory) {
  // In arrivals, for one server and at the most.
  const auto burst = plan.load / std::pow(1 - std::sqrt(plan.load), 2);
  return static_cast<double>(plan.arrivals) * theory.waiting / burst > 50;
}

/// Prints what M/M/c says and counts what disagrees.
void program::compare(const simulation_plan& plan, const batch_means& seen) {
  const erlang_c theory{plan.nodes * plan.workers, plan.load};
  const auto expected = theory.mean * plan.call_time;
  std::printf(" %9.4f %9.3f", ms(expected),
              ms(theory.percentile(99) * plan.call_time));
  if (!is_long_enough(plan, theory))
    return;
  ++compared_;
  // As sure as the run is long, and 2 % or a microsecond for the rest.
  if (std::abs(seen.mean - expected)
      > seen.error + std::max(0.02 * expected, 1e-6)) {
    ++off_;
    std::printf(" off");
  }
}

void program::queueing() {
  std::printf("\nqueueing: 4 workers a node, 10 ms a call, no network\n");
  std::printf("%6s %5s %-12s %10s %9s %9s %9s %7s %7s %9s %9s\n", "nodes",
              "load", "service", "answers/s", "mean ms", "p50 ms", "p99 ms",
              "least", "most", "M/M/c", "its p99");
  for (auto nodes : sizes)
    for (auto load : loads_for(nodes))
      for (auto kind : {service_kind::constant, service_kind::exponential,
                        service_kind::lognormal}) {
        auto what = plan(nodes, load);
        what.service = kind;
        auto seen = run(what);
        const auto wait = mean_of(seen.waits);
        const auto p99 = percentile_of(seen.waits, 99);
        std::printf("%6u %5.2f %-12s %10.0f %9.4f %9.4f %9.3f %7.3f %7.3f",
                    nodes, load, to_string(kind), seen.rate(), ms(wait.mean),
                    ms(percentile_of(seen.waits, 50)), ms(p99),
                    seen.least_share(), seen.greatest_share());
        const auto name = std::to_string(nodes) + " nodes, load "
                          + std::to_string(load).substr(0, 4) + ", "
                          + to_string(kind);
        if (kind == service_kind::exponential)
          compare(what, wait);
        std::printf("\n");
        if (kind == service_kind::exponential)
          note(name + ": p99 of the wait", ms(p99), "ms");
        if (kind == service_kind::exponential && load > 0.9)
          note(name + ": work of the busiest node / mean",
               seen.greatest_share());
      }
  write_noted();
  out_.add("waits compared with M/M/c", compared_, "");
  out_.add("waits that disagree with M/M/c", off_, "", results::at_most(0));
}

void program::network() {
  std::printf("\nnetwork: 100 nodes, load 0.8 without it, 10 ms a call\n");
  std::printf("%10s %10s %9s %9s %9s\n", "one way ms", "answers/s", "p50 of ms",
              "p99 of ms", "wait p99");
  for (auto delay : {0.0, 0.0001, 0.0005, 0.001, 0.002}) {
    auto what = plan(100, 0.8);
    what.network = delay;
    auto seen = run(what);
    const auto p99 = percentile_of(seen.latencies, 99);
    std::printf("%10.2f %10.0f %9.3f %9.3f %9.3f\n", ms(delay), seen.rate(),
                ms(percentile_of(seen.latencies, 50)), ms(p99),
                ms(percentile_of(seen.waits, 99)));
    note("100 nodes, network of " + std::to_string(ms(delay)).substr(0, 4)
           + " ms one way: p99 of the latency",
         ms(p99), "ms");
  }
  write_noted();
}

void program::slow_nodes() {
  std::printf("\nslow nodes: a tenth takes twice as long, 10 ms a call\n");
  std::printf("%6s %5s %9s %9s %9s %9s %12s\n", "nodes", "load", "mean ms",
              "p99 ms", "none slow", "its p99", "slow / other");
  for (std::uint32_t nodes : {10U, 100U, 1000U})
    for (auto load : loads_for(nodes, {0.02, 0.5, 0.8, 0.95})) {
      auto what = plan(nodes, load);
      auto plain = run(what);
      what.slow_nodes = nodes / 10;
      auto seen = run(what);
      std::uint64_t slow = 0;
      std::uint64_t other = 0;
      for (std::uint32_t i = 0; i < nodes; ++i)
        (i < what.slow_nodes ? slow : other) += seen.answers[i];
      const auto share =
        static_cast<double>(slow) * 9 / static_cast<double>(other);
      std::printf("%6u %5.2f %9.3f %9.3f %9.3f %9.3f %12.3f\n", nodes, load,
                  ms(mean(seen.latencies)),
                  ms(percentile_of(seen.latencies, 99)),
                  ms(mean(plain.latencies)),
                  ms(percentile_of(plain.latencies, 99)), share);
      note(std::to_string(nodes) + " nodes, a tenth slow, load "
             + std::to_string(load).substr(0, 4)
             + ": work of a slow node / of another",
           share);
    }
  write_noted();
}

void program::losses(std::uint32_t nodes, double noticed_from,
                     double noticed_to, bool idempotent) {
  auto what = plan(nodes, 0.8);
  // Longer calls make a longer run of as many.
  what.call_time = 0.1;
  const auto seconds = static_cast<double>(what.arrivals) / arrival_rate(what);
  // 40 losses in a run, and a twentieth of the nodes away at a time.
  what.losses.between = seconds * nodes / 40;
  what.losses.repair = what.losses.between / 20;
  what.losses.noticed_from = noticed_from;
  what.losses.noticed_to = noticed_to;
  what.losses.idempotent = idempotent;
  auto seen = run(what);
  const auto n = static_cast<double>(std::max<std::uint64_t>(seen.losses, 1));
  const auto failed = static_cast<double>(seen.failed) / n;
  const auto late = static_cast<double>(seen.retried) / n;
  const auto worst =
    *std::max_element(seen.latencies.begin(), seen.latencies.end());
  std::printf("%6u %-12s %-6s %6llu %8.2f %8.2f %9.1f %9.1f\n", nodes,
              noticed_to > 1 ? "by silence" : "at once",
              idempotent ? "yes" : "no",
              static_cast<unsigned long long>(seen.losses), failed, late,
              ms(percentile_of(seen.latencies, 99)), ms(worst));
  note(std::to_string(nodes) + " nodes, lost "
         + (noticed_to > 1 ? "in silence" : "with a FIN")
         + (idempotent ? ", idempotent" : "") + ": failed for each loss",
       failed);
}

void program::losses() {
  std::printf(
    "\nlosses: 4 workers a node, 100 ms a call, load 0.8; for each loss\n");
  std::printf("%6s %-12s %-6s %6s %8s %8s %9s %9s\n", "nodes", "noticed",
              "retry", "losses", "failed", "retried", "p99 ms", "worst ms");
  for (std::uint32_t nodes : {10U, 100U, 1000U})
    for (auto idempotent : {false, true}) {
      if (!has_time_for(nodes))
        continue;
      losses(nodes, 0.001, 0.002, idempotent);
      losses(nodes, 1.2, 1.6, idempotent);
    }
  write_noted();
}

void program::batches() {
  std::printf("\nbatches: at most 8 within 2 ms, closed on the nodes, 8 ms a "
              "call and 0.5 ms an item, constant\n");
  std::printf("%6s %5s %10s %9s %9s %9s\n", "nodes", "load", "answers/s",
              "batch", "wait p50", "wait p99");
  for (std::uint32_t nodes : {1U, 10U, 100U, 1000U})
    for (auto load : loads_for(nodes)) {
      auto what = plan(nodes, load);
      what.service = service_kind::constant;
      what.call_time = 0.008;
      what.item_time = 0.0005;
      what.batch = {8, std::chrono::milliseconds{2}};
      auto seen = run(what);
      const auto batch = static_cast<double>(seen.latencies.size())
                         / static_cast<double>(seen.model_calls);
      std::printf("%6u %5.2f %10.0f %9.2f %9.3f %9.3f\n", nodes, load,
                  seen.rate(), batch, ms(percentile_of(seen.waits, 50)),
                  ms(percentile_of(seen.waits, 99)));
      note(std::to_string(nodes) + " nodes, batches of 8, load "
             + std::to_string(load).substr(0, 4) + ": mean batch",
           batch);
    }
  write_noted();
}

void program::hand_outs() {
  std::printf("\nPOOL's CPU time for a request, half of the capacity busy\n");
  std::printf("%6s %10s\n", "nodes", "CPU ns");
  dice random{seed_};
  const auto requests =
    static_cast<std::size_t>(std::clamp<std::uint64_t>(arrivals_, 1, 50'000));
  std::vector<double> ratios;
  std::vector<std::vector<double>> all(std::size(sizes));
  for (auto round = 0; round < 5; ++round)
    for (std::size_t i = 0; i < std::size(sizes); ++i)
      all[i].push_back(hand_out_ns(sys_.system, sizes[i], requests, random));
  for (std::size_t i = 0; i < std::size(sizes); ++i)
    std::printf("%6u %10.0f\n", sizes[i], median(all[i]));
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    out_.add_rounds("POOL with " + std::to_string(sizes[i]) + " nodes", all[i],
                    "ns");
  }
  for (std::size_t i = 0; i < all[0].size(); ++i)
    ratios.push_back(all.back()[i] / all.front()[i]);
  out_.add_ratio("POOL with 1,000 nodes / with 1", ratios, results::at_most(3));
}

/// Takes `--seed N` out of the arguments.
std::uint64_t take_seed(int& argc, char** argv) {
  for (auto i = 1; i + 1 < argc; ++i)
    if (std::strcmp(argv[i], "--seed") == 0) {
      const auto result = std::strtoull(argv[i + 1], nullptr, 10);
      std::copy(argv + i + 2, argv + argc, argv + i);
      argc -= 2;
      return result;
    }
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  results out{"cluster_simulation", argc, argv};
  const auto seed = take_seed(argc, argv);
  const auto arrivals =
    argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 400'000;
  program all{out, std::max(arrivals, 100ULL), seed};
  all.queueing();
  all.network();
  all.slow_nodes();
  all.losses();
  all.batches();
  all.hand_outs();
  if (!all.agrees()) {
    std::fprintf(stderr, "cluster_simulation: waits are not those of M/M/c\n");
    return 1;
  }
  return 0;
}
