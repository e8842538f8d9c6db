// Where should ROUTER, POOL and inline WORKERs run? Hands exchanges to a pool
// with one inline worker and waits for each answer: on the calling thread's own
// execution unit (as the I/O threads do it), and on CAF's two schedulers.
//
// usage: scheduler [requests]

#include "troupe/actors/runtime.hpp"
#include "troupe/http/io_thread.hpp"
#include "troupe/models/builtin.hpp"

#include <chrono>
#include <cstdio>
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

void measure(const char* name, const char* policy, bool own_unit,
             int requests) {
  caf::actor_system_config cfg;
  prepare(cfg);
  cfg.set("scheduler.policy", caf::atom_from_string(policy));
  caf::actor_system sys{cfg};
  runtime rt{sys, {}};
  model_options options;
  options.name = "square";
  options.execution = execution_mode::inlined;
  rt.add(make_square(options, {}));
  rt.start();
  rt.board()->wait_ready(std::chrono::seconds{10});
  auto snapshot = rt.snapshot();
  const auto& target = *snapshot->find_model("square");
  io_unit unit{sys};
  std::binary_semaphore done{0};
  auto run = [&](int n) {
    for (int i = 0; i < n; ++i) {
      auto ex = make_sink<waiting_exchange>(done);
      ex->request.body = "{\"input\": 4.0}";
      auto keep = ex;
      if (dispatch(target, std::move(ex), own_unit ? &unit : nullptr))
        std::abort();
      unit.run_ready();
      done.acquire();
    }
  };
  run(requests / 10);
  auto cpu = cpu_seconds();
  auto start = clock::now();
  run(requests);
  auto wall = std::chrono::duration<double>(clock::now() - start).count();
  std::printf("%-34s %8.2f us CPU/request %8.2f us latency\n", name,
              (cpu_seconds() - cpu) * 1e6 / requests, wall * 1e6 / requests);
}

} // namespace

int main(int argc, char** argv) {
  auto requests = argc > 1 ? std::atoi(argv[1]) : 100'000;
  measure("the calling thread's unit", "sharing", true, requests);
  measure("CAF scheduler: sharing", "sharing", false, requests);
  measure("CAF scheduler: stealing", "stealing", false, requests);
  return 0;
}
