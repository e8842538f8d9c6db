// What do the classes of specs/ and actors/ that each request meets cost, and
// what do they allocate? One row for each step.

#include "troupe/actors/pool/batch_policy.hpp"
#include "troupe/bench/support/allocations.hpp"
#include "troupe/specs/exchange/admission.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/headers.hpp"
#include "troupe/specs/values/path.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hot {

struct input {
  double x = 0;
  std::string name;
  std::vector<int> counts;
};

TROUPE_FIELDS(input, x, name, counts)

} // namespace hot

namespace {

using namespace troupe;
using bench::allocation_count;
using benchmark::DoNotOptimize;

/// About 100 bytes.
constexpr std::string_view document =
  R"({"x":0.25,"name":"a name of some length","counts":[1,2,3,4,5,6,7,8,9],)"
  R"("comment":"not read by anyone"})";

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> fields{{
  {"Host", "127.0.0.1:8000"},
  {"User-Agent", "some client/1.2.3 (of some system)"},
  {"Accept", "*/*"},
  {"Accept-Encoding", "gzip, deflate, br"},
  {"Connection", "keep-alive"},
  {"X-Request-Id", "0123456789abcdef"},
  {"Content-Type", "application/json"},
  {"Content-Length", "105"},
}};

void fill(header_map& map) {
  for (const auto& [name, value] : fields)
    map.add(name, value);
}

/// What a look at the target costs that needs no normalising, the usual case.
void target_plain(benchmark::State& state) {
  const allocation_count count{state};
  std::string_view target = "/v1/models/digits/predict";
  for (auto _ : state) {
    DoNotOptimize(target);
    DoNotOptimize(is_normalised(target));
  }
}

/// What normalising costs: a query, an escape, dot segments.
void target_normalised(benchmark::State& state) {
  const allocation_count count{state};
  std::string_view target = "/v1/./models/d%69gits/x/../predict?verbose=1";
  for (auto _ : state) {
    DoNotOptimize(target);
    auto path = normalise_target(target);
    DoNotOptimize(path);
  }
}

/// What a snapshot of eight header fields costs, in a new map.
void header_map_fill(benchmark::State& state) {
  const allocation_count count{state};
  for (auto _ : state) {
    header_map map;
    fill(map);
    DoNotOptimize(map);
  }
}

/// The same in a map that keeps its memory: what reusing one would bring.
void header_map_refill(benchmark::State& state) {
  header_map map;
  const allocation_count count{state};
  for (auto _ : state) {
    map.clear();
    fill(map);
    DoNotOptimize(map);
  }
}

/// What a search costs that finds the last field.
void header_map_find_last(benchmark::State& state) {
  header_map map;
  fill(map);
  const allocation_count count{state};
  for (auto _ : state)
    DoNotOptimize(map.find("content-length"));
}

/// What a search costs that finds nothing.
void header_map_find_none(benchmark::State& state) {
  header_map map;
  fill(map);
  const allocation_count count{state};
  for (auto _ : state)
    DoNotOptimize(map.find("x-request-timeout"));
}

/// What parsing a small body costs.
void parse_json_100(benchmark::State& state) {
  const allocation_count count{state};
  for (auto _ : state) {
    auto result = parse_json(document);
    DoNotOptimize(result);
  }
}

/// What writing a small body costs.
void dump_json_100(benchmark::State& state) {
  const auto value = parse_json(document);
  const allocation_count count{state};
  for (auto _ : state) {
    auto result = dump_json(value);
    DoNotOptimize(result);
  }
}

/// What a struct with checked fields costs beyond parsing.
void read_struct(benchmark::State& state) {
  const auto value = parse_json(document);
  const allocation_count count{state};
  for (auto _ : state) {
    hot::input result;
    read_value(value, result);
    DoNotOptimize(result);
  }
}

/// What POOL's question about a batch costs, the time given.
void batch_close(benchmark::State& state) {
  const batch_policy policy{{16, std::chrono::microseconds{2000}}};
  const auto first = deadline_clock::now();
  auto now = first + std::chrono::microseconds{1500};
  std::size_t waiting = 7;
  const allocation_count count{state};
  for (auto _ : state) {
    DoNotOptimize(waiting);
    DoNotOptimize(now);
    DoNotOptimize(policy.close(waiting, first, now));
  }
}

/// What letting a request in and out costs, ticket included.
void admission_in_out(benchmark::State& state) {
  const auto gate = std::make_shared<admission>(256U);
  const allocation_count count{state};
  for (auto _ : state) {
    const admission_ticket ticket{gate};
    DoNotOptimize(static_cast<bool>(ticket));
  }
}

/// A sink that throws answers away.
class null_exchange : public exchange {
protected:
  flow do_write(payload) override {
    return flow::ok;
  }

  void do_finish(reply) override {
    // nop
  }

  void do_fail(failure) override {
    // nop
  }
};

/// What making, answering and destroying an empty exchange costs: the base of
/// whatever hands one on.
void make_exchange(benchmark::State& state) {
  const allocation_count count{state};
  for (auto _ : state) {
    auto ex = make_sink<null_exchange>();
    ex->finish();
    DoNotOptimize(ex);
  }
}

/// What a look at the clock costs; a request takes several.
void clock_now(benchmark::State& state) {
  const allocation_count count{state};
  for (auto _ : state)
    DoNotOptimize(deadline_clock::now());
}

BENCHMARK(target_plain);
BENCHMARK(target_normalised);
BENCHMARK(header_map_fill);
BENCHMARK(header_map_refill);
BENCHMARK(header_map_find_last);
BENCHMARK(header_map_find_none);
BENCHMARK(parse_json_100);
BENCHMARK(dump_json_100);
BENCHMARK(read_struct);
BENCHMARK(batch_close);
BENCHMARK(admission_in_out);
BENCHMARK(make_exchange);
BENCHMARK(clock_now);

} // namespace

BENCHMARK_MAIN();
