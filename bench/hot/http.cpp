// What do the classes of http/ that each request meets cost, and what do they
// allocate? One row for each step, without a socket.

#include "troupe/bench/support/allocations.hpp"
#include "troupe/http/around/gzip.hpp"
#include "troupe/http/limits/timer_wheel.hpp"
#include "troupe/http/wire/request_parser.hpp"
#include "troupe/http/wire/response_head.hpp"
#include "troupe/http/wire/stream_pipe.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace {

using namespace troupe;
using namespace std::chrono_literals;
using bench::allocation_count;
using benchmark::DoNotOptimize;

/// A POST of a small JSON body.
std::string make_request(std::string_view more_fields,
                         std::string_view framed_body) {
  return "POST /predict HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
         "Content-Type: application/json\r\n"
         + std::string{more_fields} + "\r\n" + std::string{framed_body};
}

/// Reads a request from one buffer as a connection does.
void parse(benchmark::State& state, const std::string& bytes) {
  const connection_limits limits;
  const allocation_count count{state};
  for (auto _ : state) {
    request_parser parser{limits};
    std::string_view rest = bytes;
    auto step = request_parser::progress::need_more;
    while (step != request_parser::progress::done && !rest.empty()) {
      std::size_t consumed = 0;
      step = parser.put(rest, consumed);
      rest.remove_prefix(consumed);
      if (step == request_parser::progress::header_done)
        parser.limit_body(limits.max_body_bytes);
      else if (step == request_parser::progress::broken || consumed == 0)
        break;
    }
    if (!rest.empty() || parser.body_pending())
      state.SkipWithError("not parsed");
    DoNotOptimize(parser.request());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size())
                          * state.iterations());
}

/// What a small request costs to read.
void request_small(benchmark::State& state) {
  parse(state, make_request("Content-Length: 14\r\n", R"({"input": 4.0})"));
}

/// The same with 20 more fields: what a browser or a proxy adds.
void request_20_headers(benchmark::State& state) {
  std::string fields = "Content-Length: 14\r\n";
  for (auto i = 0; i < 20; ++i)
    fields += "X-Some-Field-" + std::to_string(i)
              + ": a value of thirty bytes or so\r\n";
  parse(state, make_request(fields, R"({"input": 4.0})"));
}

/// The same body in two chunks.
void request_chunked(benchmark::State& state) {
  parse(state, make_request("Transfer-Encoding: chunked\r\n",
                            "7\r\n{\"input\r\n7\r\n\": 4.0}\r\n0\r\n\r\n"));
}

/// What the head of a usual answer costs, in a string that keeps its memory.
void head_of_answer(benchmark::State& state) {
  response_head head;
  head.content_type = "application/json";
  head.content_length = 15;
  head.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  head.request_id = "0123456789abcdef-1";
  std::string out;
  const allocation_count count{state};
  for (auto _ : state) {
    out.clear();
    append_head(out, head);
    DoNotOptimize(out.data());
  }
}

struct timer final : timer_wheel::entry {
  void on_timer() override {
    ++fired;
  }

  int fired = 0;
};

/// What moving a deadline costs among 1,000 others.
void timer_move(benchmark::State& state) {
  auto now = timer_wheel::clock::now();
  timer_wheel wheel{now};
  std::deque<timer> timers(1000);
  for (auto& x : timers)
    wheel.set(x, now + 75s);
  std::size_t next = 0;
  const allocation_count count{state};
  for (auto _ : state) {
    wheel.set(timers[next], now + 30s);
    next = (next + 1) % timers.size();
  }
  for (auto& x : timers)
    wheel.clear(x);
}

/// What a granule of time costs that fires one of 1,000 deadlines, which is
/// set again.
void timer_advance(benchmark::State& state) {
  auto now = timer_wheel::clock::now();
  timer_wheel wheel{now};
  std::deque<timer> timers(1000);
  for (std::size_t i = 0; i < timers.size(); ++i)
    wheel.set(timers[i], now + (static_cast<int>(i) + 1) * wheel.granule);
  std::size_t next = 0;
  const allocation_count count{state};
  for (auto _ : state) {
    now += wheel.granule;
    wheel.advance(now + wheel.granule);
    if (!timers[next].armed())
      wheel.set(timers[next], now + 1000 * wheel.granule);
    next = (next + 1) % timers.size();
  }
  for (auto& x : timers)
    wheel.clear(x);
}

/// What an item of 50 bytes costs on its way through a pipe, fetched one by
/// one and by tens.
void pipe(benchmark::State& state) {
  stream_pipe tested;
  const std::string item(50, 'x');
  std::string out;
  const auto together = state.range(0);
  const allocation_count count{state};
  while (state.KeepRunningBatch(together)) {
    for (auto i = together; i > 0; --i)
      DoNotOptimize(tested.put(item, true));
    tested.take(out);
    DoNotOptimize(out.data());
  }
}

/// What compressing 10 KB of JSON costs, at the level that is the default.
void gzip_10_kb(benchmark::State& state) {
  std::string text = "[";
  for (auto i = 0; text.size() < 10'240; ++i)
    text += "{\"index\": " + std::to_string(i * 7919 % 1000)
            + ", \"label\": \"some text\"},";
  text.back() = ']';
  const allocation_count count{state};
  for (auto _ : state) {
    auto result = gzip(text, gzip_options{}.level);
    DoNotOptimize(result);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size())
                          * state.iterations());
}

BENCHMARK(request_small);
BENCHMARK(request_20_headers);
BENCHMARK(request_chunked);
BENCHMARK(head_of_answer);
BENCHMARK(timer_move);
BENCHMARK(timer_advance);
BENCHMARK(pipe)->Arg(1)->Arg(10);
BENCHMARK(gzip_10_kb);

} // namespace
