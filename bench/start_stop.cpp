// Starts and stops an embedded server many times and looks for growth of
// threads, descriptors and memory, in this process. Exit code 1 if there is.
//
// usage: start_stop [cycles] [--json FILE]

#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/http/server.hpp"
#include "troupe/models/builtin.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <malloc.h>
#include <string>

namespace {

using namespace troupe;

struct usage {
  std::ptrdiff_t threads = 0;
  std::ptrdiff_t descriptors = 0;
  long rss_kb = 0;
};

usage current() {
  malloc_trim(0);
  auto count = [](const char* path) {
    std::filesystem::directory_iterator i{path};
    return std::distance(begin(i), end(i));
  };
  usage result{count("/proc/self/task"), count("/proc/self/fd"), 0};
  std::ifstream statm{"/proc/self/statm"};
  long size = 0;
  statm >> size >> result.rss_kb;
  result.rss_kb *= 4;
  return result;
}

void cycle(caf::actor_system& sys) {
  server_options options;
  options.port = 0;
  server srv{sys, options, no_log()};
  model_options a;
  a.name = "inline";
  a.execution = execution_mode::inlined;
  srv.add(make_square(a, {}));
  model_options b;
  b.name = "dedicated";
  b.predict = "/other";
  b.workers = 2;
  srv.add(make_square(b, {}));
  srv.get("/ping", [](const request&, context&) { return "pong"; });
  srv.start();
  srv.wait_ready();
  if (srv.predict("dedicated", {{"input", 3}}).at("output") != 9.0)
    std::abort();
  srv.stop();
}

void show(const char* what, const usage& x) {
  std::printf("%-14s threads %td, descriptors %td, resident %ld KB\n", what,
              x.threads, x.descriptors, x.rss_kb);
}

} // namespace

int main(int argc, char** argv) {
  using r = bench::results;
  using clock = std::chrono::steady_clock;
  r out{"start_stop", argc, argv};
  auto cycles = argc > 1 ? std::atoi(argv[1]) : 1000;
  caf::actor_system_config cfg;
  prepare(cfg);
  caf::actor_system sys{cfg};
  // What is allocated once is allocated now, and so is what CAF's clock holds
  // for the second or two after each stop.
  for (int i = 0; i < cycles; ++i)
    cycle(sys);
  auto before = current();
  show("warmed up", before);
  auto start = clock::now();
  for (int i = 0; i < cycles; ++i)
    cycle(sys);
  std::chrono::duration<double, std::milli> took = clock::now() - start;
  auto after = current();
  show("after", after);
  auto threads = after.threads - before.threads;
  auto descriptors = after.descriptors - before.descriptors;
  auto kilobytes = after.rss_kb - before.rss_kb;
  constexpr auto most_kilobytes = 2048;
  auto name = [cycles](const char* what) {
    return "growth in " + std::to_string(cycles) + " cycles: " + what;
  };
  out.add(name("threads"), static_cast<double>(threads), "", r::at_most(0));
  out.add(name("descriptors"), static_cast<double>(descriptors), "",
          r::at_most(0));
  out.add(name("resident memory"), static_cast<double>(kilobytes), "KB",
          r::at_most(most_kilobytes));
  out.add("start, predict and stop", took.count() / cycles, "ms");
  auto grown = threads > 0 || descriptors > 0 || kilobytes > most_kilobytes;
  return grown ? 1 : 0;
}
