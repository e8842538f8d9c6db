// What batching and workers bring, on the `sleep` model, which takes
// base + n * per_item for a batch of n: throughput of a closed loop of 64
// against the ideal, what a lone request waits, 8 workers against 1, and the
// CPU time of the idle server.
//
// usage: batching [rounds] [seconds] [idle seconds] [--json FILE]

#include "troupe/bench/load.hpp"
#include "troupe/bench/results.hpp"
#include "troupe/http/server.hpp"
#include "troupe/models/builtin.hpp"

#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace troupe;
using namespace troupe::bench;
using std::chrono::milliseconds;

constexpr double base_ms = 5;
constexpr double per_item_ms = 0.2;
constexpr std::size_t clients = 64;
// Half of the clients, so that the next batch waits when one is done.
constexpr std::size_t batch_size = clients / 2;
constexpr milliseconds max_delay{2};

/// A server with one `sleep` model.
class sleep_server : public server {
public:
  sleep_server(std::size_t batch, std::size_t workers)
    : server(options(), no_log()) {
    model_options x;
    x.name = "sleep";
    x.workers = workers;
    x.batch = {batch, batch > 1 ? max_delay : milliseconds{0}};
    model_config config;
    config.options = {{"base_ms", base_ms}, {"per_item_ms", per_item_ms}};
    add(make_sleep(std::move(x), config));
    start();
    wait_ready();
  }

  load_result run(std::size_t connections, milliseconds duration) const {
    return closed_loop(port(), post_request("/predict", "{}"), connections,
                       duration);
  }

private:
  static server_options options() {
    server_options result;
    result.port = 0;
    return result;
  }
};

template <class F>
std::vector<double> repeated(int rounds, F f) {
  std::vector<double> xs;
  for (int i = 0; i < rounds; ++i)
    xs.push_back(f());
  return xs;
}

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

} // namespace

int main(int argc, char** argv) {
  results out{"batching", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  std::chrono::duration<double> idle{argc > 3 ? std::atof(argv[3]) : 30.0};
  {
    sleep_server server{batch_size, 1};
    constexpr double n = batch_size;
    constexpr auto ideal = n / (base_ms + n * per_item_ms) * 1000;
    out.add_ratio(
      "batches of 32 from 64 clients: rate / ideal",
      repeated(rounds,
               [&] { return server.run(clients, duration).rate() / ideal; }),
      results::at_least(0.95));
    auto wait = [&](double p) {
      return median(repeated(rounds, [&] {
        return server.run(1, duration).percentile(p) / 1000 - base_ms
               - per_item_ms;
      }));
    };
    auto most = static_cast<double>(max_delay.count()) + 1;
    out.add("a lone request waits, max_delay 2 ms: p50", wait(50), "ms",
            results::at_most(most));
    out.add("a lone request waits, max_delay 2 ms: p99", wait(99), "ms",
            results::at_most(most));
    auto before = cpu_seconds();
    std::this_thread::sleep_for(idle);
    // Of a clock that counts in thousandths of a percent.
    out.add("idle CPU, batching on",
            (cpu_seconds() - before) / idle.count() * 100, "%",
            results::at_most(0.05));
  }
  sleep_server one{1, 1};
  for (auto [workers, target] : {std::pair{2, 1.9}, {4, 3.8}, {8, 7.6}}) {
    sleep_server many{1, static_cast<std::size_t>(workers)};
    out.add_ratio(std::to_string(workers) + " workers: rate / 1 worker",
                  repeated(rounds,
                           [&] {
                             auto base = one.run(1, duration).rate();
                             return many.run(clients, duration).rate() / base;
                           }),
                  results::at_least(target));
  }
  return 0;
}
