#include "troupe/bench/results.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sys/utsname.h>
#include <thread>
#include <utility>

namespace troupe::bench {

namespace {

using json = nlohmann::ordered_json;

json facts() {
  utsname system{};
  uname(&system);
  auto now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%FT%TZ", &utc);
  return {{"time", text.data()},
          {"compiler", TROUPE_BENCH_COMPILER},
          {"flags", TROUPE_BENCH_FLAGS},
          {"commit", std::getenv("TROUPE_BENCH_COMMIT") != nullptr
                       ? std::getenv("TROUPE_BENCH_COMMIT")
                       : "unknown"},
          {"cores", std::thread::hardware_concurrency()},
          {"kernel", std::string{system.sysname} + ' ' + system.release},
          {"architecture", system.machine}};
}

} // namespace

double median(std::vector<double> xs) {
  if (xs.empty())
    return 0;
  std::sort(xs.begin(), xs.end());
  auto half = xs.size() / 2;
  return xs.size() % 2 == 1 ? xs[half] : (xs[half - 1] + xs[half]) / 2;
}

results::results(std::string program, int& argc, char** argv)
  : program_(std::move(program)) {
  for (auto i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--json") != 0)
      continue;
    file_ = argv[i + 1];
    std::rotate(argv + i, argv + i + 2, argv + argc);
    argc -= 2;
    return;
  }
}

results::~results() {
  if (file_.empty())
    return;
  json all = {{"program", program_}, {"made_by", facts()}, {"rows", rows_}};
  std::ofstream out{file_};
  out << all.dump(1) << '\n';
  if (!out.flush())
    std::fprintf(stderr, "%s: cannot be written\n", file_.c_str());
}

void results::add_row(json row, std::optional<target> goal) {
  auto value = row["value"].get<double>();
  auto unit = row["unit"].get<std::string>();
  std::printf("  %-58s %10.3f %-8s", row["name"].get<std::string>().c_str(),
              value, unit.c_str());
  if (goal) {
    auto most = goal->direction == wanted::at_most;
    auto met = most ? value <= goal->value : value >= goal->value;
    row["target"] = {{most ? "at_most" : "at_least", goal->value}};
    row["met"] = met;
    std::printf(" target %s %g: %s", most ? "<=" : ">=", goal->value,
                met ? "met" : "MISSED");
  }
  std::printf("\n");
  std::fflush(stdout);
  rows_.push_back(std::move(row));
}

void results::add(const std::string& name, double value,
                  const std::string& unit, std::optional<target> goal) {
  add_row({{"name", name}, {"value", value}, {"unit", unit}}, goal);
}

void results::add_ratio(const std::string& name,
                        const std::vector<double>& rounds,
                        std::optional<target> goal) {
  add_row({{"name", name},
           {"value", median(rounds)},
           {"unit", ""},
           {"rounds", rounds}},
          goal);
}

} // namespace troupe::bench
