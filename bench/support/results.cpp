#include "troupe/bench/support/results.hpp"

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

void loader_state::merge(const loader_state& other) {
  late = std::max(late, other.late);
  cpu = std::max(cpu, other.cpu);
}

void series::add(double x, const loader_state& state) {
  rounds.push_back(x);
  if (!loader)
    loader.emplace();
  loader->merge(state);
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
  std::printf("  %-62s %10.3f %-8s", row["name"].get<std::string>().c_str(),
              value, unit.c_str());
  if (row.contains("rounds") && row["rounds"].size() > 1) {
    auto xs = row["rounds"].get<std::vector<double>>();
    auto [low, high] = std::minmax_element(xs.begin(), xs.end());
    std::printf(" (%.3f to %.3f)", *low, *high);
  }
  if (goal) {
    auto most = goal->direction == wanted::at_most;
    auto met = most ? value <= goal->value : value >= goal->value;
    row["target"] = {{most ? "at_most" : "at_least", goal->value}};
    row["met"] = met;
    std::printf(" target %s %g: %s", most ? "<=" : ">=", goal->value,
                met ? "met" : "MISSED");
  }
  if (row.contains("disturbed"))
    std::printf(" DISTURBED: %.1f %% late",
                100 * row["loader"]["late"].get<double>());
  std::printf("\n");
  std::fflush(stdout);
  rows_.push_back(std::move(row));
}

void results::add(const std::string& name, double value,
                  const std::string& unit, std::optional<target> goal) {
  add_row({{"name", name}, {"value", value}, {"unit", unit}}, goal);
}

void results::add_rounds(const std::string& name, const series& all,
                         const std::string& unit, std::optional<target> goal) {
  json row{{"name", name},
           {"value", median(all.rounds)},
           {"unit", unit},
           {"rounds", all.rounds}};
  if (all.loader) {
    row["loader"] = {{"late", all.loader->late}, {"cpu", all.loader->cpu}};
    if (all.loader->late > loader_state::most_late)
      row["disturbed"] = true;
  }
  add_row(std::move(row), goal);
}

} // namespace troupe::bench
