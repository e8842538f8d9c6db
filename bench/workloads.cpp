// How Troupe carries what models are really asked: bodies of 100 B to 1 MB,
// streams, service times, predict beside other traffic, many endpoints. Where a
// bare Beast server can do the same, against that; else against the arithmetic
// or against the same server without the disturbance. What is compared takes
// short turns within each round; medians of the rounds' ratios.
//
// usage: workloads [rounds] [seconds] [GROUP] [--json FILE]

#include "troupe/bench/support/beast_server.hpp"
#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/measure.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace troupe::bench;
using std::chrono::milliseconds;
using r = results;

/// What each contestant saw, for each round.
using rounds_seen = std::vector<std::vector<measured>>;

/// The ratios of two contestants' figures.
template <class F>
series ratio(const rounds_seen& all, std::size_t which, std::size_t base,
             F figure) {
  series result;
  for (const auto& x : all) {
    auto loader = x[which].loader();
    loader.merge(x[base].loader());
    result.add(figure(x[which]) / figure(x[base]), loader);
  }
  return result;
}

double p50(const measured& x) {
  return x.percentile_us(50);
}

double p99(const measured& x) {
  return x.percentile_us(99);
}

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
      auto seen = beside_beast(json, {json}, 4);
      out_->add_ratio(std::string{"echo of JSON, "} + name
                        + ": rate / bare Beast",
                      ratio(seen, 0, 1, std::mem_fn(&measured::rate)));
    }
    call raw{"/echo", std::string(1'000'000, '\x7F'),
             "application/octet-stream"};
    out_->add_ratio(
      "echo of 1 MB raw: rate / bare Beast",
      ratio(beside_beast(raw, {raw}, 4), 0, 1, std::mem_fn(&measured::rate)),
      r::at_least(0.8));
  }

  void streams() {
    const call stream{"/stream", "{}"};
    const call joined{"/stream/joined", "{}"};
    for (std::size_t clients : {1, 16}) {
      auto seen = beside_beast(stream, {stream, joined}, clients);
      auto who = "stream of 100 items, " + std::to_string(clients)
                 + (clients == 1 ? " client: " : " clients: ");
      std::optional<r::target> goal;
      if (clients > 1)
        goal = r::at_least(0.8);
      auto rate = std::mem_fn(&measured::items_rate);
      auto cpu = std::mem_fn(&measured::cpu_us_per_item);
      out_->add_ratio(who + "items/s / Beast, a write each",
                      ratio(seen, 0, 1, rate), goal);
      out_->add_ratio(who + "items/s / Beast, joined writes",
                      ratio(seen, 0, 2, rate), goal);
      out_->add_ratio(who + "CPU per item / a write each",
                      ratio(seen, 0, 1, cpu));
      out_->add_ratio(who + "CPU per item / joined writes",
                      ratio(seen, 0, 2, cpu));
    }
  }

  void service_times() {
    child server{[] { run_workload_server(); }};
    for (auto ms : {1, 5, 20}) {
      auto sleeping = service_time(server, "/sleep", ms);
      auto spinning = service_time(server, "/spin", ms);
      // On a machine that has no core to spare it gets less of one, but not as
      // little as what sleeps; in 1 ms the difference may be small.
      if (ms == 20
          && spinning.cpu_us_per_answer() < 2 * sleeping.cpu_us_per_answer())
        throw std::runtime_error("/spin does not spin");
    }
  }

  /// 80 % predict, 20 % the same by a spec, against each alone.
  void mix() {
    child server{[] { run_workload_server(); }};
    const call translated{"/spec/square", "{\"x\": 4.0}"};
    const pressure most{2000, 64};
    const pressure rest{500, 64};
    rounds_seen seen;
    for (auto i = 0; i < rounds_; ++i) {
      measured beside;
      seen.push_back(
        in_turns({job(server, square, most, duration_ / 2),
                  job(server, translated, rest, duration_ / 2), [&] {
                    traffic other{server, translated, rest};
                    auto x = measure(server, square, most, duration_ / 2);
                    beside.merge(other.seen());
                    return x;
                  }}));
      seen.back().push_back(beside);
    }
    out_->add_ratio("predict with 20 % spec traffic: p50 / without",
                    ratio(seen, 2, 0, p50));
    out_->add_ratio("predict with 20 % spec traffic: p99 / without",
                    ratio(seen, 2, 0, p99));
    out_->add_ratio("a spec with 80 % predict traffic: p50 / without",
                    ratio(seen, 3, 1, p50));
    out_->add_ratio("a spec with 80 % predict traffic: p99 / without",
                    ratio(seen, 3, 1, p99));
  }

  void scrape() {
    child server{[] { run_workload_server(); }};
    rounds_seen seen;
    auto predict = job(server, square, pressure::open(2000), duration_ / 2);
    for (auto i = 0; i < rounds_; ++i)
      seen.push_back(in_turns(
        {predict, beside(server, {"/metrics", ""}, {10, 4}, predict)}));
    out_->add_ratio("predict beside 10 scrapes of /metrics a second: p99 / "
                    "without",
                    ratio(seen, 1, 0, p99));
  }

  /// The load generator's second client costs the first one something, too, on
  /// a machine of few cores: so also against the same traffic to a handler that
  /// does not block.
  void slow_handler() {
    child server{[] { run_workload_server(); }};
    const call slow{"/slow", "{}"};
    const call quick{"/quick", "{}"};
    auto hammer = pressure::closed(16);
    auto rate = measure(server, slow, hammer, duration_ / 2).rate();
    auto predict = job(server, square, pressure::open(2000), duration_ / 2);
    rounds_seen seen;
    for (auto i = 0; i < rounds_; ++i)
      seen.push_back(
        in_turns({predict, beside(server, quick, {rate, 64}, predict),
                  beside(server, slow, hammer, predict)}));
    out_->add_ratio("predict beside a hammered blocking handler: p99 / without",
                    ratio(seen, 2, 0, p99), r::at_most(1.1));
    out_->add_ratio("the same / beside a handler that does not block",
                    ratio(seen, 2, 1, p99), r::at_most(1.1));
  }

  void under_load() {
    rounds_seen seen;
    for (auto i = 0; i < rounds_; ++i) {
      child beast{[] { run_beast_server(); }};
      child troupe{[] { run_workload_server(); }};
      auto peak = [&](const child& server) {
        return measure(server, square, pressure::closed(16), duration_ / 2)
          .rate();
      };
      auto how = pressure::open(0.7 * std::min(peak(beast), peak(troupe)));
      seen.push_back(in_turns({job(troupe, square, how, duration_ / 2),
                               job(beast, square, how, duration_ / 2)}));
    }
    out_->add_ratio("p50 at 70 % of the peak / bare Beast",
                    ratio(seen, 0, 1, p50));
    out_->add_ratio("p99 at 70 % of the peak / bare Beast",
                    ratio(seen, 0, 1, p99));
  }

  void endpoints() {
    const std::vector<std::pair<const char*, std::size_t>> sizes{
      {"1", 1}, {"10", 10}, {"1,000", 1000}, {"100,000", 100'000}};
    rounds_seen seen;
    for (auto i = 0; i < rounds_; ++i) {
      std::deque<child> servers;
      std::vector<std::function<measured()>> jobs;
      for (const auto& [name, n] : sizes) {
        auto others = n - 1;
        servers.emplace_back([others] {
          run_troupe_server(troupe::execution_mode::inlined, others);
        });
        jobs.push_back(
          job(servers.back(), square, pressure::closed(4), duration_ / 4));
      }
      seen.push_back(warm_turns(jobs));
    }
    for (std::size_t i = 1; i < sizes.size(); ++i)
      out_->add_ratio(
        std::string{"CPU per request with "} + sizes[i].first
          + " endpoints / with 1",
        ratio(seen, i, 0, std::mem_fn(&measured::cpu_us_per_answer)));
  }

private:
  using job_type = std::function<measured()>;

  inline static const call square{"/predict", "{\"input\": 4.0}"};

  /// @returns what all rounds saw together
  measured service_time(const child& server, const std::string& path,
                        int ms) const {
    const call work{path, "{\"base_ms\": " + std::to_string(ms) + "}"};
    series ratios;
    series cores;
    measured result;
    for (auto i = 0; i < rounds_; ++i) {
      auto x = measure(server, work, pressure::closed(4), duration_);
      ratios.add(x.rate() * ms / 1e3, x.loader());
      cores.add(x.cores(), x.loader());
      result.merge(x);
    }
    auto spins = path == "/spin";
    auto name =
      "service time " + std::to_string(ms)
      + (spins ? " ms spinning, 1 worker: " : " ms sleeping, 1 worker: ");
    out_->add_ratio(name + "rate / ideal", ratios);
    if (spins)
      out_->add_rounds(name + "CPU", cores, "cores", r::at_least(0.8));
    return result;
  }

  static job_type job(const child& server, const call& what,
                      const pressure& how, milliseconds duration) {
    return [&server, what, how, duration] {
      return measure(server, what, how, duration);
    };
  }

  /// Does it while other traffic goes on.
  static job_type beside(const child& server, const call& what,
                         const pressure& how, const job_type& f) {
    return [&server, what, how, f] {
      traffic other{server, what, how};
      auto result = f();
      // Throws unless it was answered all the while.
      static_cast<void>(other.seen());
      return result;
    };
  }

  /// Turns of servers that have just started.
  static std::vector<measured> warm_turns(const std::vector<job_type>& jobs) {
    for (const auto& f : jobs)
      f();
    return in_turns(jobs);
  }

  /// @returns for each round what Troupe saw, then what Beast saw of its calls
  rounds_seen beside_beast(const call& what,
                           const std::vector<call>& beast_calls,
                           std::size_t connections) const {
    rounds_seen result;
    auto how = pressure::closed(connections);
    for (auto i = 0; i < rounds_; ++i) {
      child beast{[] { run_beast_server(); }};
      child troupe{[] { run_workload_server(); }};
      std::vector<job_type> jobs{job(troupe, what, how, duration_ / 4)};
      for (const auto& x : beast_calls)
        jobs.push_back(job(beast, x, how, duration_ / 4));
      result.push_back(warm_turns(jobs));
    }
    return result;
  }

  int rounds_;
  milliseconds duration_;
  results* out_;
};

} // namespace

int main(int argc, char** argv) {
  results out{"workloads", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  auto seconds = argc > 2 ? std::atof(argv[2]) : 1.0;
  workloads all{rounds, seconds, out};
  const std::vector<std::pair<std::string_view, void (workloads::*)()>> groups{
    {"bodies", &workloads::bodies},
    {"streams", &workloads::streams},
    {"service_times", &workloads::service_times},
    {"mix", &workloads::mix},
    {"scrape", &workloads::scrape},
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
