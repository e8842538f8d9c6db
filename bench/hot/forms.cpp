// What do other bodies than JSON cost to read, and an item of an OpenAI stream
// to write?

#include "troupe/bench/support/allocations.hpp"
#include "troupe/specs/input/form.hpp"
#include "troupe/specs/openai/chat/chat.hpp"
#include "troupe/specs/values/request.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace troupe;
using bench::allocation_count;
using benchmark::DoNotOptimize;

/// Reads a form as a hook that takes one does.
void read(benchmark::State& state, std::string content_type, std::string body,
          std::size_t fields) {
  request req;
  req.headers.add("Content-Type", std::move(content_type));
  req.body = std::move(body);
  const allocation_count count{state};
  for (auto _ : state) {
    auto result = read_form(req);
    if (result.fields.size() != fields)
      state.SkipWithError("wrong result");
    DoNotOptimize(result);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(req.body.size())
                          * state.iterations());
}

/// What a urlencoded form of three fields costs.
void form_urlencoded(benchmark::State& state) {
  read(state, "application/x-www-form-urlencoded",
       "name=a+name+of+some+length&x=0.25&comment=not%20read%20by%20anyone", 3);
}

/// What a multipart form of two fields and a file of so many bytes costs.
void form_multipart(benchmark::State& state) {
  constexpr std::string_view dash = "--a-boundary-of-some-length\r\n";
  std::string body;
  for (const auto* name : {"name", "x"})
    body.append(dash)
      .append("Content-Disposition: form-data; name=\"")
      .append(name)
      .append("\"\r\n\r\nsome text\r\n");
  body.append(dash)
    .append("Content-Disposition: form-data; name=\"image\"; "
            "filename=\"image.png\"\r\nContent-Type: image/png\r\n\r\n")
    .append(static_cast<std::size_t>(state.range(0)), '\x7F')
    .append("\r\n--a-boundary-of-some-length--\r\n");
  read(state, "multipart/form-data; boundary=a-boundary-of-some-length",
       std::move(body), 2);
}

/// What a token costs as a chunk of a streamed chat completion.
void openai_chunk(benchmark::State& state) {
  auto frame = std::make_shared<openai::answer_frame>();
  frame->id = "chatcmpl-0123456789abcdef";
  frame->created = 1'700'000'000;
  frame->model = "some-model";
  frame->chunk_object = "chat.completion.chunk";
  frame->stream = true;
  openai::chat_encoder encoder{frame, 0};
  const allocation_count count{state};
  for (auto _ : state) {
    payload item{nlohmann::json(" token")};
    auto chunk = encoder.events(item);
    if (!chunk || chunk->empty())
      state.SkipWithError("no chunk");
    DoNotOptimize(chunk);
  }
}

BENCHMARK(form_urlencoded);
BENCHMARK(form_multipart)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(openai_chunk);

} // namespace
