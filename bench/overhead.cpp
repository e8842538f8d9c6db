// What a request costs beyond Beast and the model: CPU time for each request,
// p50 at one connection and peak rate of `square`, inline and dedicated,
// against a bare Beast server that does the same work. Each server is a
// process of its own, all run in turn, several rounds, medians of ratios.
//
// usage: overhead [rounds] [seconds] [--json FILE]

#include "troupe/bench/beast_server.hpp"
#include "troupe/bench/child.hpp"
#include "troupe/bench/load.hpp"
#include "troupe/bench/results.hpp"
#include "troupe/bench/troupe_server.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace troupe::bench;

struct figures {
  double cpu_us = 0;
  double p50_us = 0;
  double p99_us = 0;
  double peak = 0;
};

figures measure(const std::function<void()>& serve,
                std::chrono::milliseconds duration) {
  child server{serve};
  auto request = post_request("/predict", "{\"input\": 4.0}");
  closed_loop(server.port, request, 1, duration / 4);
  auto before = server.cpu_us();
  auto single = closed_loop(server.port, request, 1, duration);
  figures result;
  result.cpu_us =
    (server.cpu_us() - before) / static_cast<double>(single.requests);
  result.p50_us = single.percentile(50);
  result.p99_us = single.percentile(99);
  auto many = closed_loop(server.port, request, 64, duration);
  result.peak = many.rate();
  if (single.errors + many.errors > 0)
    throw std::runtime_error("answers other than 200");
  return result;
}

} // namespace

int main(int argc, char** argv) {
  results out{"overhead", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  std::chrono::milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  const std::vector<std::pair<std::string, std::function<void()>>> servers{
    {"bare Beast", [] { run_beast_server(); }},
    {"troupe inline",
     [] { run_troupe_server(troupe::execution_mode::inlined); }},
    {"troupe dedicated",
     [] { run_troupe_server(troupe::execution_mode::dedicated); }},
  };
  std::map<std::string, std::vector<figures>> all;
  for (int i = 0; i < rounds; ++i)
    for (const auto& [name, serve] : servers)
      all[name].push_back(measure(serve, duration));
  std::printf("%-18s %10s %8s %8s %10s\n", "square", "CPU us/req", "p50 us",
              "p99 us", "peak req/s");
  const auto& base = all["bare Beast"];
  for (const auto& [name, serve] : servers) {
    auto of = [&](double figures::*x) {
      std::vector<double> xs;
      for (const auto& f : all[name])
        xs.push_back(f.*x);
      return median(xs);
    };
    std::printf("%-18s %10.1f %8.1f %8.1f %10.0f\n", name.c_str(),
                of(&figures::cpu_us), of(&figures::p50_us),
                of(&figures::p99_us), of(&figures::peak));
  }
  auto ratio = [&](const char* name, double figures::*x) {
    std::vector<double> xs;
    for (std::size_t i = 0; i < base.size(); ++i)
      xs.push_back(all[name][i].*x / (base[i].*x));
    return xs;
  };
  using r = results;
  std::printf("ratios to bare Beast, median of %d\n", rounds);
  out.add_ratio("inline: CPU per request",
                ratio("troupe inline", &figures::cpu_us), r::at_most(1.15));
  out.add_ratio("inline: p50 at one connection",
                ratio("troupe inline", &figures::p50_us), r::at_most(1.15));
  out.add_ratio("inline: peak rate at 64 connections",
                ratio("troupe inline", &figures::peak), r::at_least(0.9));
  out.add_ratio("dedicated: CPU per request",
                ratio("troupe dedicated", &figures::cpu_us), r::at_most(1.5));
  out.add_ratio("dedicated: p50 at one connection",
                ratio("troupe dedicated", &figures::p50_us), r::at_most(1.6));
  out.add_ratio("dedicated: peak rate at 64 connections",
                ratio("troupe dedicated", &figures::peak));
  child idle{[] { run_troupe_server(troupe::execution_mode::dedicated); }};
  out.add("memory of an idle server with one built-in model",
          static_cast<double>(idle.resident_bytes()) / 1e6, "MB",
          r::at_most(25));
  return 0;
}
