// What does 1 MB of numbers as JSON cost to read and to write, beside a loop of
// std::from_chars over the same text?

#include "troupe/bench/support/allocations.hpp"
#include "troupe/models/tensor/tensor_json.hpp"
#include "troupe/specs/input/json_value.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/json/json.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace hot {

struct numbers {
  std::vector<float> values;
};

TROUPE_FIELDS(numbers, values)

} // namespace hot

namespace {

using namespace troupe;
using bench::allocation_count;
using benchmark::DoNotOptimize;

/// Which numbers: those of a `float`, with up to 9 digits, or of a `double`,
/// with up to 17.
enum digits : std::int64_t { nine, seventeen };

/// Returns `[0.25,-0.125,...]` of 1 MB.
std::string array_text(std::int64_t digits) {
  std::mt19937 random{1};
  std::uniform_real_distribution<double> any{-1, 1};
  std::string result{"["};
  while (result.size() < 1'000'000) {
    if (result.size() > 1)
      result += ',';
    std::array<char, 32> text{};
    auto* end = text.data() + text.size();
    auto x = any(random);
    end = digits == nine
            ? std::to_chars(text.data(), end, static_cast<float>(x)).ptr
            : std::to_chars(text.data(), end, x).ptr;
    result.append(text.data(), end);
  }
  return result += ']';
}

void processed(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size())
                          * state.iterations());
}

/// What the others are compared with: no check of anything, one kind of space.
void numbers_from_chars(benchmark::State& state) {
  const auto text = array_text(state.range(0));
  const allocation_count count{state};
  for (auto _ : state) {
    std::vector<float> result;
    const auto* at = text.data() + 1;
    const auto* end = text.data() + text.size();
    for (float x = 0; at < end; ++at) {
      at = std::from_chars(at, end, x).ptr;
      result.push_back(x);
    }
    DoNotOptimize(result);
  }
  processed(state, text);
}

/// What a struct with a `std::vector<float>` costs.
void numbers_typed(benchmark::State& state) {
  const auto text = R"({"values":)" + array_text(state.range(0)) + '}';
  const allocation_count count{state};
  for (auto _ : state) {
    hot::numbers result;
    read_json(text, result);
    DoNotOptimize(result);
  }
  processed(state, text);
}

/// What a document costs.
void numbers_document(benchmark::State& state) {
  const auto text = array_text(state.range(0));
  const allocation_count count{state};
  for (auto _ : state) {
    auto result = parse_json(text);
    DoNotOptimize(result);
    discard(result);
  }
  processed(state, text);
}

/// What an ONNX model's input costs.
void numbers_tensor(benchmark::State& state) {
  const auto text = array_text(state.range(0));
  tensor_spec spec;
  spec.shape = {-1};
  const allocation_count count{state};
  for (auto _ : state) {
    auto document = parse_json(text);
    auto result = read_tensor(document, spec);
    DoNotOptimize(result);
    discard(document);
  }
  processed(state, text);
}

/// What writing a document costs.
void numbers_written(benchmark::State& state) {
  const auto text = array_text(state.range(0));
  const auto document = parse_json(text);
  const allocation_count count{state};
  for (auto _ : state) {
    auto result = dump_json(document);
    DoNotOptimize(result);
  }
  processed(state, text);
}

/// What `echo` does with a body: read it, check it, write it.
void numbers_echo(benchmark::State& state) {
  const auto text = array_text(state.range(0));
  const allocation_count count{state};
  for (auto _ : state) {
    auto document = parse_json(text);
    expect_finite(document);
    auto result = dump_json(document);
    DoNotOptimize(result);
    discard(document);
  }
  processed(state, text);
}

BENCHMARK(numbers_from_chars)->Arg(nine)->Arg(seventeen);
BENCHMARK(numbers_typed)->Arg(nine)->Arg(seventeen);
BENCHMARK(numbers_document)->Arg(nine)->Arg(seventeen);
BENCHMARK(numbers_tensor)->Arg(nine)->Arg(seventeen);
BENCHMARK(numbers_written)->Arg(nine)->Arg(seventeen);
BENCHMARK(numbers_echo)->Arg(nine)->Arg(seventeen);

} // namespace
