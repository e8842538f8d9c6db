// Does a look-up cost more with more endpoints?
//
// A server has the path of a request in its cache, just read: each look-up
// here first writes the next number into one small buffer, which costs the
// same for every size of the table (`write_path` is that cost alone;
// report.py takes it off). A fence keeps a look-up from overlapping with the
// next, as requests do not overlap on a thread either.

#include "troupe/actors/table/endpoint_table.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
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

/// A path with a number of six digits that can be changed cheaply.
class numbered_path {
public:
  explicit numbered_path(std::string_view tail) {
    for (std::uint32_t i = 0; i < digits_.size(); ++i)
      digits_[i] = {static_cast<char>('0' + i / 100),
                    static_cast<char>('0' + i / 10 % 10),
                    static_cast<char>('0' + i % 10)};
    text_ += tail;
  }

  std::string_view with(std::uint32_t number) {
    std::memcpy(text_.data() + at, digits_[number / 1000].data(), 3);
    std::memcpy(text_.data() + at + 3, digits_[number % 1000].data(), 3);
    return text_;
  }

private:
  static constexpr std::size_t at = 10;

  std::array<std::array<char, 3>, 1000> digits_{};
  std::string text_ = "/v1/route-000000";
};

/// Which of four neighbours, by their number: half are literals, a quarter each
/// have a parameter or a suffix behind.
enum kind : std::uint32_t { parameter, suffix, literal, also_literal };

/// Literals on two levels, half of them with a suffix or a parameter behind.
std::vector<table_entry> make_entries(std::int64_t n) {
  numbered_path path{""};
  std::vector<table_entry> result;
  for (std::uint32_t i = 0; i < n; ++i) {
    std::string base{path.with(i)};
    if (i % 4 == kind::parameter)
      base += "/{name}";
    else if (i % 4 == kind::suffix)
      base += "/{name}:predict";
    result.push_back(make({method::get}, base));
  }
  return result;
}

/// Numbers in random order, of one or two kinds of entries.
class random_numbers {
public:
  random_numbers(std::int64_t n, kind first, std::uint32_t kinds)
    : groups_(static_cast<std::uint32_t>(n) / 4), first_(first), kinds_(kinds) {
    // nop
  }

  std::uint32_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const auto high = state_ >> 32U;
    const auto i = static_cast<std::uint32_t>(high * groups_ * kinds_ >> 32U);
    return i / kinds_ * 4 + first_ + i % kinds_;
  }

private:
  std::uint64_t state_ = 20240607;
  std::uint64_t groups_;
  std::uint32_t first_;
  std::uint32_t kinds_;
};

void find(benchmark::State& state, std::string_view tail, kind first,
          std::uint32_t kinds, table_match::status expected) {
  const auto n = state.range(0);
  const auto table = endpoint_table::build(make_entries(n));
  numbered_path path{tail};
  random_numbers numbers{n, first, kinds};
  for (auto _ : state) {
    auto result = table.find(method::get, path.with(numbers.next()));
    if (result.code != expected)
      state.SkipWithError("wrong result");
    benchmark::DoNotOptimize(result);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

void write_path(benchmark::State& state) {
  numbered_path path{""};
  random_numbers numbers{state.range(0), kind::literal, 2};
  for (auto _ : state) {
    auto text = path.with(numbers.next());
    benchmark::DoNotOptimize(text);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

void literal_hit(benchmark::State& state) {
  find(state, "", kind::literal, 2, table_match::status::found);
}

void parameter_hit(benchmark::State& state) {
  find(state, "/digits", kind::parameter, 1, table_match::status::found);
}

void suffix_hit(benchmark::State& state) {
  find(state, "/digits:predict", kind::suffix, 1, table_match::status::found);
}

void miss(benchmark::State& state) {
  find(state, "/nothing/here", kind::literal, 2,
       table_match::status::not_found);
}

/// One path over and over, as a client does: the table's size alone counts.
void same_literal(benchmark::State& state) {
  const auto table = endpoint_table::build(make_entries(state.range(0)));
  // Written like the others, so that the same is taken off.
  numbered_path path{""};
  const auto number = static_cast<std::uint32_t>(state.range(0)) / 8 * 4 + 2;
  for (auto _ : state) {
    auto result = table.find(method::get, path.with(number));
    benchmark::DoNotOptimize(result);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

void build(benchmark::State& state) {
  auto entries = make_entries(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(endpoint_table::build(entries));
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Arg(10)->Arg(1000)->Arg(100'000);
}

BENCHMARK(write_path)->Apply(sizes);
BENCHMARK(same_literal)->Apply(sizes);
BENCHMARK(literal_hit)->Apply(sizes);
BENCHMARK(parameter_hit)->Apply(sizes);
BENCHMARK(suffix_hit)->Apply(sizes);
BENCHMARK(miss)->Apply(sizes);
BENCHMARK(build)->Apply(sizes)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
