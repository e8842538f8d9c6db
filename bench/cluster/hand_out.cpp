#include "troupe/bench/cluster/hand_out.hpp"

#include "troupe/actors/pool/work_queue.hpp"
#include "troupe/bench/cluster/handles.hpp"

#include <algorithm>
#include <memory>
#include <time.h>
#include <utility>
#include <vector>

namespace troupe::bench {

namespace {

/// Of this thread: others may keep the machine busy.
double cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9
         + static_cast<double>(now.tv_nsec);
}

/// Made before the measurement; few enough to stay near the processor.
constexpr std::size_t requests_at_once = 1'000;

constexpr std::uint32_t capacity = 4;

class silent_exchange : public exchange {
protected:
  flow do_write(payload) override {
    return flow::ok;
  }

  void do_finish(reply) override {
    // nop
  }

  void do_fail(failure) override {
    // nop
  }
};

/// A request that a node has.
struct running {
  exchange_ptr ex;
  std::uint32_t node;
};

std::vector<exchange_ptr> make_requests(std::size_t n) {
  std::vector<exchange_ptr> result;
  result.reserve(n);
  while (result.size() < n)
    result.push_back(make_sink<silent_exchange>());
  return result;
}

} // namespace

double hand_out_ns(caf::actor_system& sys, std::uint32_t nodes,
                   std::size_t requests, dice& random) {
  const handles workers{sys, nodes};
  const auto now = deadline_clock::now();
  const worker_actor* chosen = nullptr;
  work_queue::owner owner;
  owner.now = [now] { return now; };
  owner.send_one = [&](const worker_actor& to, const exchange_ptr&) {
    chosen = &to;
  };
  work_queue tested{{}, owner};
  for (std::uint32_t i = 0; i < nodes; ++i)
    tested.join({{i}, workers.all[i], capacity, true});
  std::vector<running> open;
  const auto put = [&](const exchange_ptr& ex) {
    tested.put(ex);
    open.push_back({ex, workers.index_of(*chosen)});
  };
  const auto end_one = [&] {
    std::swap(open[random.below(static_cast<std::uint32_t>(open.size()))],
              open.back());
    open.back().ex->finish();
    tested.idle({open.back().node});
    open.pop_back();
  };
  const std::size_t half = nodes * capacity / 2;
  for (const auto& ex : make_requests(half))
    put(ex);
  // @returns the time for all
  const auto run = [&](std::size_t n) {
    auto result = 0.0;
    for (std::size_t done = 0; done < n; done += requests_at_once) {
      const auto all = make_requests(std::min(n - done, requests_at_once));
      const auto begin = cpu_ns();
      for (const auto& ex : all) {
        put(ex);
        end_one();
      }
      result += cpu_ns() - begin;
    }
    return result;
  };
  // Until the loads are as they will be.
  run(half + 100);
  return run(requests) / static_cast<double>(requests);
}

} // namespace troupe::bench
