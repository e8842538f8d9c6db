// What a second I/O thread costs: CPU time for each request with `io_threads`
// 2 against 1, and the share of inline requests whose `predict` runs on another
// thread than the one that read them. Then what watching costs: the same server
// with a callback and a middleware, or with a logged value for each request,
// against one without. Each server is a process of its own.
//
// usage: threads [rounds] [seconds] [--json FILE]

#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/measure.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"
#include "troupe/http/server.hpp"
#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/model/context.hpp"
#include "troupe/specs/model/value_logger.hpp"
#include "troupe/tests/support/http_client.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace troupe;
using namespace troupe::bench;
using r = results;

constexpr std::size_t connections = 64;
constexpr double rate = 10'000;

std::string this_thread() {
  return std::to_string(
    std::hash<std::thread::id>{}(std::this_thread::get_id()));
}

constexpr const char* reader = "X-Reader";

/// Notes which thread read the request.
class note_reader : public middleware {
public:
  std::optional<reply> before(request& req) override {
    req.headers.set(reader, this_thread());
    return std::nullopt;
  }
};

std::atomic<std::uint64_t> calls = 0;
std::atomic<std::uint64_t> changed = 0;

struct watching_model {
  double predict(double x, context& ctx) {
    calls.fetch_add(1, std::memory_order_relaxed);
    if (ctx.header(reader) != this_thread())
      changed.fetch_add(1, std::memory_order_relaxed);
    return x;
  }
};

struct plain_model {
  double predict(double x) {
    return x;
  }
};

struct logging_model {
  double predict(double x, context& ctx) {
    ctx.log("x", x);
    return x;
  }
};

/// Does as little as a callback can: what is measured is the call.
class counting_callback : public callback {
public:
  void on_before_predict(const hook_call&) override {
    ++seen_;
  }

private:
  std::atomic<std::uint64_t> seen_ = 0;
};

class counting_logger : public value_logger {
public:
  void process(std::string_view, std::string_view,
               const nlohmann::json&) override {
    ++seen_;
  }

private:
  std::uint64_t seen_ = 0;
};

class passing : public middleware {};

server_options on_threads(std::size_t io_threads) {
  server_options result;
  result.port = 0;
  result.io_threads = io_threads;
  return result;
}

model_options inlined() {
  model_options result;
  result.name = "model";
  result.execution = execution_mode::inlined;
  return result;
}

[[noreturn]] void serve_plain(std::size_t io_threads) {
  server served{on_threads(io_threads), no_log()};
  served.add<plain_model>(inlined());
  serve(served);
}

[[noreturn]] void serve_watched() {
  server served{on_threads(1), no_log()};
  served.add<plain_model>(inlined());
  served.add_callback(std::make_shared<counting_callback>());
  served.add_middleware(std::make_shared<passing>());
  serve(served);
}

[[noreturn]] void serve_logging() {
  server served{on_threads(1), no_log()};
  served.add<logging_model>(inlined());
  served.add_logger(std::make_shared<counting_logger>());
  serve(served);
}

/// `/counts` tells what the model counted.
[[noreturn]] void serve_counting() {
  server served{on_threads(2), no_log()};
  served.add<watching_model>(inlined());
  served.add_middleware(std::make_shared<note_reader>());
  served.get("/counts", [](const request&, auto&) {
    return nlohmann::json{{"calls", calls.load()}, {"changed", changed.load()}};
  });
  serve(served);
}

const call predict{"/predict", "4.0"};

/// CPU time for each request of a server at its peak, by a closed loop.
class peak_load {
public:
  explicit peak_load(const std::function<void()>& what) : served_{what} {
    closed_loop(served_.port, request_, connections,
                std::chrono::milliseconds{100});
  }

  void run(std::chrono::milliseconds duration) {
    auto before = served_.cpu_us();
    load_.merge(closed_loop(served_.port, request_, connections, duration));
    cpu_us_ += served_.cpu_us() - before;
  }

  [[nodiscard]] loader_state loader() const {
    return load_.loader();
  }

  [[nodiscard]] double cpu_us() const {
    return cpu_us_ / load_.served();
  }

private:
  child served_;
  std::string request_ = post_request("/predict", "4.0");
  double cpu_us_ = 0;
  load_result load_;
};

/// Adds what the first costs over the second. They take short turns, each first
/// as often as second, so that a disturbance of the machine meets both: the
/// difference sought is small.
void add_cpu_ratio(series& out, const std::function<void()>& what,
                   const std::function<void()>& base,
                   std::chrono::milliseconds duration) {
  peak_load first{what};
  peak_load second{base};
  constexpr auto turns = 10;
  for (auto i = 0; i < turns; ++i) {
    (i % 2 == 0 ? first : second).run(duration / turns);
    (i % 2 == 0 ? second : first).run(duration / turns);
  }
  auto loader = first.loader();
  loader.merge(second.loader());
  out.add(first.cpu_us() / second.cpu_us(), loader);
}

/// Adds what two I/O threads cost over one, in an open loop: with another
/// number of threads, a server at its peak is woken up differently often for
/// the same work.
void add_thread_ratio(series& out, std::chrono::milliseconds duration) {
  child one{[] { serve_plain(1); }};
  child two{[] { serve_plain(2); }};
  auto job = [duration](const child& served) {
    return [&served, duration] {
      return measure(served, predict, {rate, connections}, duration / 4);
    };
  };
  auto seen = in_turns({job(one), job(two)});
  auto loader = seen[0].loader();
  loader.merge(seen[1].loader());
  out.add(seen[1].cpu_us_per_answer() / seen[0].cpu_us_per_answer(), loader);
}

/// Adds the share of requests that changed threads, in percent.
void add_changed(series& out, const pressure& how,
                 std::chrono::milliseconds duration) {
  child served{[] { serve_counting(); }};
  auto seen = measure(served, predict, how, duration);
  http_client client{served.port};
  auto answer = client.get("/counts");
  if (answer.status != 200)
    throw std::runtime_error("/counts: " + answer.body);
  auto counts = nlohmann::json::parse(answer.body);
  out.add(100 * counts.at("changed").get<double>()
            / counts.at("calls").get<double>(),
          seen.loader());
}

} // namespace

int main(int argc, char** argv) {
  results out{"threads", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  std::chrono::milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  series threads;
  series changed_at_rate;
  series changed_at_peak;
  series same;
  series observers;
  series values;
  auto plain = [] { serve_plain(1); };
  for (auto i = 0; i < rounds; ++i) {
    add_thread_ratio(threads, duration);
    add_changed(changed_at_rate, {rate, connections}, duration);
    add_changed(changed_at_peak, pressure::closed(connections), duration);
    add_cpu_ratio(same, plain, plain, duration);
    add_cpu_ratio(
      observers, [] { serve_watched(); }, plain, duration);
    add_cpu_ratio(
      values, [] { serve_logging(); }, plain, duration);
  }
  out.add_ratio("CPU per request with io_threads 2 / with 1, 10,000 req/s",
                threads, r::at_most(1.1));
  out.add_rounds("inline requests that change threads, 10,000 req/s",
                 changed_at_rate, "%", r::at_most(10));
  out.add_rounds("inline requests that change threads, at the peak",
                 changed_at_peak, "%", r::at_most(10));
  out.add_ratio("CPU per request of a server / of the same again", same);
  out.add_ratio("CPU per request with a callback and a middleware / without",
                observers, r::at_most(1.03));
  out.add_ratio("CPU per request with a logged value each / without", values);
  return 0;
}
