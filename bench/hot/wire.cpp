// What do the smaller steps of http/ cost: an item of a stream on its way onto
// the wire, keys, limits, counters, /metrics?

#include "troupe/actors/status/status_board.hpp"
#include "troupe/bench/support/allocations.hpp"
#include "troupe/http/around/auth.hpp"
#include "troupe/http/around/rate_limit.hpp"
#include "troupe/http/builtins/builtins.hpp"
#include "troupe/http/builtins/metrics.hpp"
#include "troupe/http/wire/response_head.hpp"
#include "troupe/specs/json/json.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace troupe;
using bench::allocation_count;
using benchmark::DoNotOptimize;

/// What framing an item of 50 bytes as a chunk costs.
void chunk(benchmark::State& state) {
  const std::string item(50, 'x');
  std::string out;
  const allocation_count count{state};
  for (auto _ : state) {
    out.clear();
    append_chunk(out, item);
    DoNotOptimize(out.data());
  }
}

/// What an item costs from its document to its chunk.
void frame(benchmark::State& state, std::string_view before,
           std::string_view behind) {
  const nlohmann::json item{{"index", 12345}, {"text", "a token"}};
  const allocation_count count{state};
  for (auto _ : state) {
    std::string text{before};
    dump_json_to(text, item);
    text += behind;
    std::string out;
    append_chunk(out, text);
    DoNotOptimize(out.data());
  }
}

void item_as_ndjson(benchmark::State& state) {
  frame(state, "", "\n");
}

void item_as_event(benchmark::State& state) {
  frame(state, "data: ", "\n\n");
}

const std::string key = "0123456789abcdef0123456789abcdef";

/// What comparing a key of 32 characters costs.
void compare_keys(benchmark::State& state) {
  std::string_view presented = key;
  const allocation_count count{state};
  for (auto _ : state) {
    DoNotOptimize(presented);
    DoNotOptimize(equal_in_constant_time(presented, key));
  }
}

/// What looking for the key in the header section adds.
void check_key(benchmark::State& state) {
  server_options options;
  options.api_key = key;
  request req;
  req.headers.add("Host", "127.0.0.1:8000");
  req.headers.add("Content-Type", "application/json");
  req.headers.add("Authorization", "Bearer " + key);
  const allocation_count count{state};
  for (auto _ : state) {
    auto refusal = check_access(access::key, req, options);
    if (refusal)
      state.SkipWithError("refused");
    DoNotOptimize(refusal);
  }
}

/// What a client's bucket costs among those of so many others.
void take_token(benchmark::State& state) {
  std::vector<std::string> clients;
  for (auto i = 0; i < state.range(0); ++i)
    clients.push_back("client-" + std::to_string(i));
  token_buckets buckets{1e9, 1e9, clients.size()};
  auto now = token_buckets::clock::now();
  for (const auto& x : clients)
    buckets.take(x, now);
  std::size_t next = 0;
  const allocation_count count{state};
  for (auto _ : state) {
    now += std::chrono::microseconds{1};
    if (buckets.take(clients[next], now) > token_buckets::clock::duration{})
      state.SkipWithError("refused");
    next = (next + 1) % clients.size();
  }
}

/// What counting a request costs when it begins and when it ends.
void count_request(benchmark::State& state) {
  traffic_counters traffic;
  const allocation_count count{state};
  for (auto _ : state) {
    traffic.active.add();
    traffic.count_finished();
    traffic.active.subtract();
  }
  DoNotOptimize(traffic.finished.load());
}

/// What the body of /metrics costs with so many models.
void metrics(benchmark::State& state) {
  front_shared shared;
  shared.board = std::make_shared<status_board>();
  for (auto i = 0; i < state.range(0); ++i)
    shared.board->add(std::make_shared<model_state>(
      "model-" + std::to_string(i), true, std::size_t{2}));
  shared.board->traffic.count_failed(errc::overloaded);
  const allocation_count count{state};
  for (auto _ : state) {
    auto text = metrics_text(shared);
    DoNotOptimize(text);
  }
}

BENCHMARK(chunk);
BENCHMARK(item_as_ndjson);
BENCHMARK(item_as_event);
BENCHMARK(compare_keys);
BENCHMARK(check_key);
BENCHMARK(take_token)->Arg(10)->Arg(10'000);
BENCHMARK(count_request);
BENCHMARK(metrics)->Arg(1)->Arg(100);

} // namespace
