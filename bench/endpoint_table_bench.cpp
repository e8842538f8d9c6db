#include "troupe/actors/endpoint_table.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace troupe;

namespace {

table_entry make(method_set methods, std::string pattern) {
  table_entry result;
  result.endpoint.methods = methods;
  result.endpoint.pattern = std::move(pattern);
  result.owner = "routes";
  return result;
}

/// Literals on two levels, half of them with a suffix or a parameter behind.
std::vector<table_entry> make_entries(std::int64_t n) {
  std::vector<table_entry> result;
  for (std::int64_t i = 0; i < n; ++i) {
    auto base = "/v1/route-" + std::to_string(i);
    switch (i % 4) {
      case 0:
        base += "/{name}";
        break;
      case 1:
        base += "/{name}:predict";
        break;
      default:
        break;
    }
    result.push_back(make({method::get}, base));
  }
  return result;
}

void find(benchmark::State& state, std::string_view tail, std::int64_t which,
          table_match::status expected) {
  auto n = state.range(0);
  auto table = endpoint_table::build(make_entries(n));
  // Many paths, so that a large table does not answer from the cache alone.
  std::vector<std::string> paths;
  for (std::int64_t i = which; i < n; i += 4)
    paths.push_back("/v1/route-" + std::to_string(i) + std::string{tail});
  std::size_t next = 0;
  for (auto _ : state) {
    auto result = table.find(method::get, paths[next]);
    if (result.code != expected)
      state.SkipWithError("wrong result");
    benchmark::DoNotOptimize(result);
    // A stride that is no divisor of the size visits them out of order.
    next = (next + 7919) % paths.size();
  }
}

void literal_hit(benchmark::State& state) {
  find(state, "", 2, table_match::status::found);
}

void parameter_hit(benchmark::State& state) {
  find(state, "/digits", 0, table_match::status::found);
}

void suffix_hit(benchmark::State& state) {
  find(state, "/digits:predict", 1, table_match::status::found);
}

void miss(benchmark::State& state) {
  find(state, "/nothing/here", 2, table_match::status::not_found);
}

/// One path over and over, as a client does: the table's size alone counts.
void same_literal(benchmark::State& state) {
  auto entries = make_entries(state.range(0));
  entries.push_back(make({method::post}, "/predict"));
  auto table = endpoint_table::build(std::move(entries));
  for (auto _ : state)
    benchmark::DoNotOptimize(table.find(method::post, "/predict"));
}

void build(benchmark::State& state) {
  auto entries = make_entries(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(endpoint_table::build(entries));
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Arg(10)->Arg(1000)->Arg(100'000);
}

BENCHMARK(same_literal)->Apply(sizes);
BENCHMARK(literal_hit)->Apply(sizes);
BENCHMARK(parameter_hit)->Apply(sizes);
BENCHMARK(suffix_hit)->Apply(sizes);
BENCHMARK(miss)->Apply(sizes);
BENCHMARK(build)->Apply(sizes)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
