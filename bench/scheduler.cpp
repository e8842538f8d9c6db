// Where should ROUTER, POOL and inline WORKERs run? Hands exchanges to a pool
// with one inline worker and waits for each answer: on the calling thread's own
// execution unit (as the I/O threads do it), and on CAF's two schedulers, in
// turn. All in this process: there is no load generator.
//
// usage: scheduler [requests] [rounds] [--json FILE]

#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/models/builtin.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <semaphore>
#include <string>
#include <sys/resource.h>

namespace {

using namespace troupe;
using clock = std::chrono::steady_clock;

class waiting_exchange : public exchange {
public:
  explicit waiting_exchange(std::binary_semaphore& done) : done_(&done) {
    // nop
  }

protected:
  flow do_write(payload) override {
    return flow::ok;
  }

  void do_finish(reply) override {
    done_->release();
  }

  void do_fail(failure) override {
    done_->release();
  }

private:
  std::binary_semaphore* done_;
};

double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

/// Where the actors run.
struct place {
  const char* name;
  const char* policy;
  bool own_unit;
};

constexpr std::array<place, 3> places{
  {{"the calling thread's unit", "sharing", true},
   {"CAF scheduler: sharing", "sharing", false},
   {"CAF scheduler: stealing", "stealing", false}}};

struct figures {
  bench::series cpu_us;
  bench::series latency_us;
};

void measure(const place& where, int requests, figures& out) {
  caf::actor_system_config cfg;
  prepare(cfg);
  cfg.set("scheduler.policy", caf::atom_from_string(std::string{where.policy}));
  caf::actor_system sys{cfg};
  runtime_options how;
  // Without threads of its own it runs on the scheduler.
  how.threads = where.own_unit;
  runtime rt{sys, how};
  boost::asio::io_context context{1};
  auto guard = boost::asio::make_work_guard(context);
  const auto unit = std::make_shared<io_unit>(sys, context);
  unit->claim();
  if (where.own_unit)
    rt.io_units({unit});
  model_options options;
  options.name = "square";
  options.execution = execution_mode::inlined;
  rt.add(make_square(options, {}));
  rt.start();
  rt.board()->wait_ready(std::chrono::seconds{10});
  auto snapshot = rt.snapshot();
  const auto& target = *snapshot->find_model("square");
  std::binary_semaphore done{0};
  auto run = [&](int n) {
    for (int i = 0; i < n; ++i) {
      auto made = make_sink<waiting_exchange>(done);
      made->request.body = "{\"input\": 4.0}";
      exchange_ptr ex = made;
      if (dispatch(target, ex, where.own_unit ? unit.get() : nullptr))
        std::abort();
      unit->run_ready();
      // The worker may still be on its way to its home.
      if (where.own_unit)
        while (!done.try_acquire())
          context.poll();
      else
        done.acquire();
    }
  };
  run(requests / 10);
  auto cpu = cpu_seconds();
  auto start = clock::now();
  run(requests);
  auto wall = std::chrono::duration<double>(clock::now() - start).count();
  out.cpu_us.rounds.push_back((cpu_seconds() - cpu) * 1e6 / requests);
  out.latency_us.rounds.push_back(wall * 1e6 / requests);
  unit->close();
  rt.stop(std::chrono::seconds{10});
}

} // namespace

int main(int argc, char** argv) {
  bench::results out{"scheduler", argc, argv};
  auto requests = argc > 1 ? std::atoi(argv[1]) : 100'000;
  auto rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  std::array<figures, places.size()> all;
  for (auto i = 0; i < rounds; ++i)
    for (std::size_t k = 0; k < places.size(); ++k)
      measure(places[k], requests, all[k]);
  for (std::size_t k = 0; k < places.size(); ++k) {
    const std::string name = places[k].name;
    out.add_rounds(name + ": CPU per request", all[k].cpu_us, "us");
    out.add_rounds(name + ": latency", all[k].latency_us, "us");
  }
  return 0;
}
