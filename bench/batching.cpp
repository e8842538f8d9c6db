// What batching and workers bring, on the `sleep` model, which takes
// base + n * per_item for a batch of n: throughput of a closed loop of 64
// against the ideal with batches of half of them and of all, what a lone
// request waits, 2, 4 and 8 workers against 1 and against the ideal, all under
// the same load, and the CPU time of an idle server. Each server is a process
// of its own.
//
// usage: batching [rounds] [seconds] [idle seconds] [--json FILE]

#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

using namespace troupe::bench;
using std::chrono::milliseconds;
using r = results;

constexpr double base_ms = 5;
constexpr double per_item_ms = 0.2;
constexpr double one_ms = base_ms + per_item_ms;
constexpr std::size_t clients = 64;
constexpr milliseconds max_delay{2};

child sleep_server(std::size_t batch, std::size_t workers) {
  return child{[=] {
    run_sleep_server({base_ms, per_item_ms},
                     {batch, batch > 1 ? max_delay : milliseconds{0}}, workers);
  }};
}

load_result run(const child& server, std::size_t connections,
                milliseconds duration) {
  return closed_loop(server.port, post_request("/predict", "{}"), connections,
                     duration);
}

/// Requests/s of one worker whose batches are always full.
constexpr double ideal_rate(std::size_t batch) {
  auto n = static_cast<double>(batch);
  return n / (base_ms + n * per_item_ms) * 1000;
}

void batches(int rounds, milliseconds duration, results& out) {
  // Half of the clients: the next batch waits when one is done. All of them:
  // larger batches, with a pause in between.
  constexpr auto half = clients / 2;
  auto of_half = sleep_server(half, 1);
  auto of_all = sleep_server(clients, 1);
  series half_ideal;
  series all_ideal;
  series all_half;
  for (auto i = 0; i < rounds; ++i) {
    auto x = run(of_half, clients, duration);
    auto y = run(of_all, clients, duration);
    auto loader = x.loader();
    loader.merge(y.loader());
    half_ideal.add(x.rate() / ideal_rate(half), x.loader());
    all_ideal.add(y.rate() / ideal_rate(clients), y.loader());
    all_half.add(y.rate() / x.rate(), loader);
  }
  out.add_ratio("batches of 32 from 64 clients: rate / ideal", half_ideal,
                r::at_least(0.95));
  out.add_ratio("batches of 64 from 64 clients: rate / ideal of 64", all_ideal);
  out.add_ratio("64 clients: rate with max_size 64 / with 32", all_half);

  series p50;
  series p99;
  for (auto i = 0; i < rounds; ++i) {
    auto x = run(of_half, 1, duration);
    p50.add(x.percentile(50) / 1000 - one_ms, x.loader());
    p99.add(x.percentile(99) / 1000 - one_ms, x.loader());
  }
  auto most = static_cast<double>(max_delay.count()) + 1;
  out.add_rounds("a lone request waits, max_delay 2 ms: p50", p50, "ms",
                 r::at_most(most));
  out.add_rounds("a lone request waits, max_delay 2 ms: p99", p99, "ms",
                 r::at_most(most));
}

void workers(int rounds, milliseconds duration, results& out) {
  struct group {
    child server;
    int count;
    double least;
    series to_one = {};
    series to_ideal = {};
  };
  auto one = sleep_server(1, 1);
  std::array<group, 3> groups{{{sleep_server(1, 2), 2, 1.9},
                               {sleep_server(1, 4), 4, 3.8},
                               {sleep_server(1, 8), 8, 7.6}}};
  for (auto i = 0; i < rounds; ++i) {
    auto x = run(one, clients, duration);
    for (auto& g : groups) {
      auto y = run(g.server, clients, duration);
      auto loader = x.loader();
      loader.merge(y.loader());
      g.to_one.add(y.rate() / x.rate(), loader);
      g.to_ideal.add(y.rate() / (g.count * ideal_rate(1)), y.loader());
    }
  }
  for (const auto& g : groups) {
    auto who = std::to_string(g.count) + " workers, 64 clients: rate / ";
    out.add_ratio(who + "1 worker's", g.to_one, r::at_least(g.least));
    out.add_ratio(who + "ideal", g.to_ideal, r::at_least(0.95));
  }
}

void idle(int rounds, std::chrono::duration<double> time, results& out) {
  auto server = sleep_server(clients / 2, 1);
  // So that it has batched.
  run(server, 1, milliseconds{100});
  series cpu;
  for (auto i = 0; i < rounds; ++i) {
    auto before = server.cpu_us();
    std::this_thread::sleep_for(time);
    cpu.rounds.push_back((server.cpu_us() - before) / 1e6 / time.count() * 100);
  }
  // Of a clock that counts in thousandths of a percent.
  out.add_rounds("idle CPU, batching on", cpu, "%", r::at_most(0.05));
}

} // namespace

int main(int argc, char** argv) {
  results out{"batching", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  auto idle_seconds = argc > 3 ? std::atof(argv[3]) : 3.0;
  batches(rounds, duration, out);
  workers(rounds, duration, out);
  idle(rounds, std::chrono::duration<double>{idle_seconds}, out);
  return 0;
}
