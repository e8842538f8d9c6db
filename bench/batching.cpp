// What batching and workers bring, on the `sleep` model, which takes
// base + n * per_item for a batch of n: throughput of a closed loop of 64
// against the ideal, what a lone request waits, 8 workers against 1, and the
// CPU time of the idle server.
//
// usage: batching [rounds] [seconds] [idle seconds]

#include "troupe/bench/load.hpp"
#include "troupe/http/server.hpp"
#include "troupe/models/builtin.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
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

double median(std::vector<double> xs) {
  std::sort(xs.begin(), xs.end());
  return xs[xs.size() / 2];
}

template <class F>
double median_of(int rounds, F f) {
  std::vector<double> xs;
  for (int i = 0; i < rounds; ++i)
    xs.push_back(f());
  return median(std::move(xs));
}

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

} // namespace

int main(int argc, char** argv) {
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  std::chrono::duration<double> idle{argc > 3 ? std::atof(argv[3]) : 10.0};
  {
    sleep_server server{batch_size, 1};
    constexpr double n = batch_size;
    constexpr auto ideal = n / (base_ms + n * per_item_ms) * 1000;
    auto share = median_of(
      rounds, [&] { return server.run(clients, duration).rate() / ideal; });
    std::printf("batches of %zu, closed loop of %zu: %.3f of the ideal %.0f "
                "req/s (median of %d)\n",
                batch_size, clients, share, ideal, rounds);
    auto wait = [&](double p) {
      return median_of(rounds, [&] {
        return server.run(1, duration).percentile(p) / 1000 - base_ms
               - per_item_ms;
      });
    };
    std::printf("a lone request waits p50 %.2f ms, p99 %.2f ms beyond its "
                "model (max_delay %lld ms)\n",
                wait(50), wait(99), static_cast<long long>(max_delay.count()));
    auto before = cpu_seconds();
    std::this_thread::sleep_for(idle);
    std::printf("idle for %.0f s, batching on: %.2f %% of a core\n",
                idle.count(), (cpu_seconds() - before) / idle.count() * 100);
  }
  {
    sleep_server one{1, 1};
    sleep_server eight{1, 8};
    auto gain = median_of(rounds, [&] {
      auto base = one.run(1, duration).rate();
      return eight.run(clients, duration).rate() / base;
    });
    std::printf("8 workers: %.2f times the throughput of 1 (median of %d)\n",
                gain, rounds);
  }
  return 0;
}
