// What a request costs beyond Beast and the model: CPU time for each request at
// one connection and at 64, p50 at one connection and peak rate of `square`,
// inline and dedicated, against a bare Beast server that does the same work.
// Each server is a process of its own; they take short turns within each
// round; medians of the rounds' ratios.
//
// usage: overhead [rounds] [seconds] [--json FILE]

#include "troupe/bench/support/beast_server.hpp"
#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"
#include "troupe/tests/support/config_file.hpp"
#include "troupe/tests/support/program.hpp"

#include <array>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace troupe::bench;
using std::chrono::milliseconds;
using r = results;

struct contestant {
  const char* name;
  std::function<void()> serve;
};

enum who : std::size_t { beast, inlined, dedicated };

const std::array<contestant, 3> contestants{{
  {"bare Beast", [] { run_beast_server(); }},
  {"troupe inline", [] { run_troupe_server(troupe::execution_mode::inlined); }},
  {"troupe dedicated",
   [] { run_troupe_server(troupe::execution_mode::dedicated); }},
}};

struct figures {
  turns_taken one;
  turns_taken many;
};

using round_figures = std::array<figures, contestants.size()>;

round_figures run_round(milliseconds duration) {
  const std::array<child, contestants.size()> servers{
    {child{contestants[beast].serve}, child{contestants[inlined].serve},
     child{contestants[dedicated].serve}}};
  constexpr auto turns = 4;
  for (const auto& server : servers) {
    figures warm_up;
    warm_up.one.turn(server, 1, duration / turns);
    warm_up.many.turn(server, 64, duration / turns);
  }
  round_figures result;
  for (std::size_t i = 0; i < turns; ++i)
    for (std::size_t k = 0; k < contestants.size(); ++k) {
      auto which = (i + k) % contestants.size();
      result[which].one.turn(servers[which], 1, duration / turns);
      result[which].many.turn(servers[which], 64, duration / turns);
    }
  return result;
}

/// Resident memory of `troupe serve` with one model, in MB.
double idle_memory() {
  const troupe::temp_config config{R"({
    "server": {"host": "127.0.0.1", "port": 0},
    "models": [{"name": "square", "type": "square"}]})"};
  troupe::running_program program{{TROUPE_PROGRAM, "serve", config.path()}};
  if (program.wait_for_port() == 0)
    throw std::runtime_error("troupe serve: " + program.err());
  return static_cast<double>(resident_bytes(program.pid())) / 1e6;
}

} // namespace

int main(int argc, char** argv) {
  results out{"overhead", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  std::vector<round_figures> all;
  for (int i = 0; i < rounds; ++i)
    all.push_back(run_round(duration));

  auto cpu_one = [](const figures& x) { return x.one.cpu_us_per_answer(); };
  auto cpu_many = [](const figures& x) { return x.many.cpu_us_per_answer(); };
  auto p50 = [](const figures& x) { return x.one.load.percentile(50); };
  auto peak = [](const figures& x) { return x.many.load.rate(); };

  for (std::size_t k = 0; k < contestants.size(); ++k) {
    auto add = [&](const char* what, const char* unit, auto f) {
      series xs;
      for (const auto& x : all)
        xs.rounds.push_back(f(x[k]));
      out.add_rounds(std::string{contestants[k].name} + ": " + what, xs, unit);
    };
    add("CPU per request at one connection", "us", cpu_one);
    add("CPU per request at 64 connections", "us", cpu_many);
    add("p50 at one connection", "us", p50);
    add("peak rate at 64 connections", "req/s", peak);
  }
  auto ratio = [&](who which, auto f) {
    series result;
    for (const auto& x : all) {
      loader_state loader;
      for (auto k : {beast, which})
        for (const auto* y : {&x[k].one, &x[k].many})
          loader.merge(y->load.loader());
      result.add(f(x[which]) / f(x[beast]), loader);
    }
    return result;
  };
  out.add_ratio("inline / Beast: CPU per request at one connection",
                ratio(inlined, cpu_one), r::at_most(1.15));
  out.add_ratio("inline / Beast: CPU per request at 64 connections",
                ratio(inlined, cpu_many), r::at_most(1.15));
  out.add_ratio("inline / Beast: p50 at one connection", ratio(inlined, p50),
                r::at_most(1.15));
  out.add_ratio("inline / Beast: peak rate at 64 connections",
                ratio(inlined, peak), r::at_least(0.9));
  out.add_ratio("dedicated / Beast: CPU per request at one connection",
                ratio(dedicated, cpu_one), r::at_most(1.5));
  out.add_ratio("dedicated / Beast: CPU per request at 64 connections",
                ratio(dedicated, cpu_many), r::at_most(1.5));
  out.add_ratio("dedicated / Beast: p50 at one connection",
                ratio(dedicated, p50), r::at_most(1.6));
  out.add_ratio(
    "dedicated / Beast: peak rate at 64 connections, two threads against "
    "one",
    ratio(dedicated, peak));
  out.add("memory of idle `troupe serve` with one built-in model",
          idle_memory(), "MB", r::at_most(25));
  return 0;
}
