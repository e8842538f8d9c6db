// What a second I/O thread costs: CPU time for each request with `io_threads`
// 2 against 1, and the share of inline requests whose `predict` runs on another
// thread than the one that read them. Then what watching costs: the same server
// with a callback and a middleware, or with a logged value for each request,
// against one without.
//
// usage: threads [rounds] [seconds] [--json FILE]

#include "troupe/bench/child.hpp"
#include "troupe/bench/load.hpp"
#include "troupe/bench/results.hpp"
#include "troupe/cli/bench/run.hpp"
#include "troupe/http/server.hpp"
#include "troupe/specs/callback.hpp"
#include "troupe/specs/context.hpp"
#include "troupe/specs/logger.hpp"

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
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

class counting_logger : public logger {
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

[[noreturn]] void serve(server& served) {
  served.start();
  served.wait_ready();
  std::printf("port %d\n", served.port());
  std::fflush(stdout);
  for (;;)
    getchar();
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

load::run_options options_for(std::uint16_t port,
                              std::chrono::milliseconds duration) {
  load::run_options result;
  auto& request = result.engine.request;
  request.target =
    load::target::parse("127.0.0.1:" + std::to_string(port) + "/predict");
  request.bodies = {"4.0"};
  request.content_type = "application/json";
  result.max_connections = connections;
  result.levels = {connections};
  result.warmup = duration / 4;
  result.window = result.duration = duration;
  return result;
}

/// CPU time for each request of a server at its peak, by a closed loop.
class peak_load {
public:
  explicit peak_load(const std::function<void()>& what) : served_{what} {
    closed_loop(served_.port, request_, connections,
                std::chrono::milliseconds{100});
  }

  void run(std::chrono::milliseconds duration) {
    auto before = served_.cpu_us();
    requests_ +=
      closed_loop(served_.port, request_, connections, duration).requests;
    cpu_us_ += served_.cpu_us() - before;
  }

  [[nodiscard]] double cpu_us() const {
    return cpu_us_ / static_cast<double>(requests_);
  }

private:
  child served_;
  std::string request_ = post_request("/predict", "4.0");
  double cpu_us_ = 0;
  std::uint64_t requests_ = 0;
};

/// What the first costs over the second. They take short turns, each first as
/// often as second, so that a disturbance of the machine meets both: the
/// difference sought is small.
double cpu_ratio(const std::function<void()>& what,
                 const std::function<void()>& base,
                 std::chrono::milliseconds duration) {
  peak_load first{what};
  peak_load second{base};
  constexpr auto turns = 10;
  for (auto i = 0; i < turns; ++i) {
    (i % 2 == 0 ? first : second).run(duration / turns);
    (i % 2 == 0 ? second : first).run(duration / turns);
  }
  return first.cpu_us() / second.cpu_us();
}

/// An open loop: with another number of threads, a server at its peak is woken
/// up differently often for the same work.
double cpu_at_rate(const std::function<void()>& what,
                   std::chrono::milliseconds duration) {
  child served{what};
  auto options = options_for(served.port, duration);
  options.open_loop = true;
  options.levels = {rate};
  auto before = served.cpu_us();
  load::run(options, {});
  auto all = rate * std::chrono::duration<double>(duration * 5 / 4).count();
  return (served.cpu_us() - before) / all;
}

double share_that_changes(std::chrono::milliseconds duration, bool at_peak) {
  calls = 0;
  changed = 0;
  server served{on_threads(2), no_log()};
  served.add<watching_model>(inlined());
  served.add_middleware(std::make_shared<note_reader>());
  served.start();
  served.wait_ready();
  auto options = options_for(served.port(), duration);
  if (!at_peak) {
    options.open_loop = true;
    options.levels = {rate};
  }
  load::run(options, {});
  served.stop();
  return calls == 0
           ? 100
           : 100 * static_cast<double>(changed) / static_cast<double>(calls);
}

} // namespace

int main(int argc, char** argv) {
  results out{"threads", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  std::chrono::milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  std::vector<double> threads;
  std::vector<double> same;
  std::vector<double> observers;
  std::vector<double> values;
  auto plain = [] { serve_plain(1); };
  for (auto i = 0; i < rounds; ++i) {
    auto one = cpu_at_rate([] { serve_plain(1); }, duration);
    threads.push_back(cpu_at_rate([] { serve_plain(2); }, duration) / one);
    same.push_back(cpu_ratio(plain, plain, duration));
    observers.push_back(cpu_ratio([] { serve_watched(); }, plain, duration));
    values.push_back(cpu_ratio([] { serve_logging(); }, plain, duration));
  }
  out.add_ratio("CPU per request with io_threads 2 / with 1, 10,000 req/s",
                threads, r::at_most(1.1));
  out.add("inline requests that change threads, 10,000 req/s",
          share_that_changes(duration, false), "%", r::at_most(10));
  out.add("inline requests that change threads, at the peak",
          share_that_changes(duration, true), "%", r::at_most(10));
  out.add_ratio("CPU per request of a server / of the same again", same);
  out.add_ratio("CPU per request with a callback and a middleware / without",
                observers, r::at_most(1.03));
  out.add_ratio("CPU per request with a logged value each / without", values);
  return 0;
}
