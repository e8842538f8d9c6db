// What continuous batching brings on a language model, over HTTP: tokens/s of
// 16 streams at once against one, for both kinds of cache, and what a request
// that joins 15 long ones waits for its first token, against the time that they
// still take, which it would wait for a batch to end, and against being alone.
//
// usage: continuous [rounds] [seconds] [long answers' tokens] [--json FILE]

#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/measure.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"
#include "troupe/http/server.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/tests/support/http_client.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace troupe;
using namespace troupe::bench;
using r = results;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t sequences = 16;
constexpr int context = 512;

/// Tokens of an answer when the rate is measured.
constexpr int answer_tokens = 100;

/// Requests that join in a round.
constexpr int joiners = 10;

[[noreturn]] void serve_tiny(bool shared_cache) {
  server_options options;
  options.port = 0;
  server served{options, no_log()};
  model_registry registry;
  add_llama_model(registry);
  model_options model;
  model.name = "tiny";
  model.timeout = milliseconds{0};
  served.add((*registry.find("llama"))(model, {"llama",
                                               "tiny.gguf",
                                               {{"sequences", sequences},
                                                {"context", context},
                                                {"shared_cache", shared_cache}},
                                               TROUPE_SOURCE_DIR
                                               "/examples/llama/data"}));
  serve(served);
}

std::string body_of(int tokens) {
  return nlohmann::json{{"prompt", "The hacker"},
                        {"max_tokens", tokens},
                        {"temperature", 0},
                        {"ignore_eos", true}}
    .dump();
}

double milliseconds_since(clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(clock::now() - begin)
    .count();
}

// -- rates --------------------------------------------------------------------

/// Items of an answer, which are not quite its tokens: one may be a part of a
/// character.
double items_of_answer(const child& server) {
  http_client client{server.port};
  auto x = client.post("/predict", body_of(answer_tokens));
  if (x.status != 200 || !x.complete)
    throw std::runtime_error("/predict: " + x.body);
  return static_cast<double>(std::count(x.body.begin(), x.body.end(), '\n'));
}

/// Tokens/s of so many streams at once.
double rate(const child& server, std::size_t streams, milliseconds duration) {
  auto seen = measure(server, {"/predict", body_of(answer_tokens)},
                      pressure::closed(streams), duration);
  return seen.items_rate() * answer_tokens / items_of_answer(server);
}

// -- joining ------------------------------------------------------------------

/// Asks for one token. @returns how long it took to come, in milliseconds.
double first_token(http_client& client) {
  auto begin = clock::now();
  client.send(post_request("/predict", body_of(1)));
  http_response head;
  if (!client.read_head(head) || head.status != 200 || !client.read_chunk())
    throw std::runtime_error("no first token");
  auto result = milliseconds_since(begin);
  for (auto x = client.read_chunk(); x != ""; x = client.read_chunk())
    if (!x)
      throw std::runtime_error("the answer was cut off");
  return result;
}

double median_first_token(http_client& client) {
  std::vector<double> xs;
  for (int i = 0; i < joiners; ++i)
    xs.push_back(first_token(client));
  return median(xs);
}

struct joined {
  /// Of a first token beside the long ones.
  double first_token;
  /// How long they took from when the first one joined.
  double long_ones;
};

joined join(const child& server, int long_tokens) {
  std::vector<http_client> long_ones;
  for (std::size_t i = 1; i < sequences; ++i) {
    long_ones.emplace_back(server.port);
    long_ones.back().send(post_request("/predict", body_of(long_tokens)));
  }
  // The status line comes with the first token: all of them run. What they
  // say until they are read fits into the buffers.
  for (auto& x : long_ones)
    if (http_response head; !x.read_head(head) || head.status != 200)
      throw std::runtime_error("no long answer");
  http_client client{server.port};
  auto begin = clock::now();
  joined result{};
  result.first_token = median_first_token(client);
  for (auto& x : long_ones)
    for (auto chunk = x.read_chunk(); chunk != ""; chunk = x.read_chunk())
      if (!chunk)
        throw std::runtime_error("a long answer was cut off");
  result.long_ones = milliseconds_since(begin);
  return result;
}

} // namespace

int main(int argc, char** argv) {
  results out{"continuous", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  auto long_tokens = argc > 3 ? std::atoi(argv[3]) : 400;
  child shared{[] { serve_tiny(true); }};
  child apart{[] { serve_tiny(false); }};
  std::vector<double> one;
  std::vector<double> ratios;
  std::vector<double> ratios_apart;
  std::vector<double> caches;
  for (int i = 0; i < rounds; ++i) {
    one.push_back(rate(shared, 1, duration));
    auto many = rate(shared, sequences, duration);
    auto one_apart = rate(apart, 1, duration);
    auto many_apart = rate(apart, sequences, duration);
    ratios.push_back(many / one.back());
    ratios_apart.push_back(many_apart / one_apart);
    caches.push_back(many / many_apart);
  }
  out.add_rounds("1 sequence", one, "tokens/s");
  out.add_ratio("16 sequences: tokens/s / 1 sequence", ratios, r::at_least(2));
  out.add_ratio("the same with a cache for each sequence", ratios_apart);
  out.add_ratio("16 sequences: tokens/s / with a cache for each", caches);
  std::vector<double> waits;
  std::vector<double> alone;
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    http_client client{shared.port};
    auto without = median_first_token(client);
    auto x = join(shared, long_tokens);
    times.push_back(x.first_token);
    waits.push_back(x.first_token / x.long_ones);
    alone.push_back(x.first_token / without);
  }
  out.add_rounds("first token of one that joins 15 long ones", times, "ms");
  out.add_ratio("the same / until they have left", waits, r::at_most(0.01));
  // A step of 16 instead of one alone, and what is left of the one that runs.
  out.add_ratio("the same / alone", alone, r::at_most(15));
  return 0;
}
