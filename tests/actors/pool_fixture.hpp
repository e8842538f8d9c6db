#pragma once

#include "troupe/actors/pool/pool.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A POOL with workers that keep their exchanges until the test answers.
class pool_fixture : public deterministic_system {
protected:
  using strings = std::vector<std::string>;
  using batches = std::vector<strings>;
  using recording_ptr = std::shared_ptr<recording_exchange>;

  struct member {
    worker_actor actor;
    std::shared_ptr<worker_notes> notes;
  };

  /// Starts the pool with `n` idle workers.
  void start(std::size_t n, pool_config options = {}) {
    tested = own(sys.spawn(pool, std::move(options)));
    for (std::uint32_t i = 0; i < n; ++i)
      join(i);
  }

  void join(std::uint32_t index, std::uint32_t capacity = 1) {
    if (workers.size() <= index)
      workers.resize(index + 1);
    auto out = std::make_shared<worker_notes>();
    workers[index] = {own(sys.spawn(holding_worker, out)), out};
    tell(tested, atom::join_v,
         worker_offer{{index}, workers[index].actor, capacity});
    run();
  }

  void submit(const recording_ptr& ex) {
    tell(tested, exchange_ptr{ex});
    run();
  }

  recording_ptr submit(std::string id) {
    auto result = ask("{}", std::move(id));
    submit(result);
    return result;
  }

  /// Lets a worker answer what it has and report idle.
  void finish(std::uint32_t index) {
    for (auto& ex : std::exchange(workers[index].notes->held, {}))
      ex->finish(json_reply("ok"));
    tell(tested, atom::idle_v, worker_index{index});
    run();
  }

  void kill_worker(std::uint32_t index) {
    kill(workers[index].actor);
  }

  [[nodiscard]] const batches& got(std::uint32_t index) const {
    return workers[index].notes->batches;
  }

  pool_status status() {
    return query<pool_status>(tested, atom::status_v);
  }

  answer_ptr<atom::drained> drain(bool finish_queued) {
    auto result = post<atom::drained>(tested, atom::drain_v, finish_queued);
    run();
    return result;
  }

  static constexpr auto ok = R"(200 "ok")";
  static constexpr auto died =
    R"(worker_died: "Worker died while processing the request")";
  static constexpr auto refused = R"(draining: "Server is shutting down")";
  static constexpr auto late = R"(deadline_exceeded: "Request timed out")";
  static constexpr auto gone = R"(cancelled: "Request cancelled")";

  pool_actor tested;
  std::vector<member> workers;
};

} // namespace troupe
