#pragma once

#include "troupe/actors/cluster/remote_worker.hpp"
#include "troupe/actors/pool/pool.hpp"
#include "troupe/tests/actors/cluster/cluster_doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// One whose reader may be behind.
class lagging_exchange : public recording_exchange {
public:
  [[nodiscard]] bool congested() const noexcept override {
    return is_behind;
  }

  bool end_if_too_slow() override {
    ++looks;
    return false;
  }

  bool is_behind = false;
  int looks = 0;
};

/// A worker that stands for others, and what is around it.
class remote_worker_fixture : public deterministic_system {
protected:
  using strings = std::vector<std::string>;
  using recording_ptr = std::shared_ptr<recording_exchange>;

  void SetUp() override {
    target = own(sys.spawn(scripted_model, there));
    supervisor = own(sys.spawn(scripted_supervisor, watched));
    pool = own(sys.spawn(scripted_pool, told, nullptr));
  }

  /// Starts it in the third place.
  void start(std::uint32_t capacity = 4) {
    remote_worker_config config;
    config.seat.slot.model = "m";
    config.seat.slot.index = 2;
    config.seat.pool = pool;
    config.seat.supervisor = supervisor;
    config.seat.key = "m#1";
    config.target = target;
    config.capacity = capacity;
    config.node = "box";
    tested = own(sys.spawn(remote_worker, std::move(config)));
    end = watch(tested);
  }

  /// Starts it with a POOL that is one.
  void start_with_pool(std::uint32_t capacity, bool idempotent = false) {
    pool_config config;
    config.admission = admission;
    config.idempotent = idempotent;
    config.died_status = 503;
    auto real = own(sys.spawn(troupe::pool, std::move(config)));
    pool = real;
    start(capacity);
  }

  void give(const recording_ptr& ex) {
    tell(tested, exchange_ptr{ex});
    run();
  }

  recording_ptr give(std::string id = "a") {
    auto result = ask(R"({"x":1})", std::move(id));
    give(result);
    return result;
  }

  /// Sends one to the queue, with a ticket.
  recording_ptr submit(std::string id = "a") {
    auto result = ask("{}", std::move(id));
    result->ticket = admission_ticket{admission};
    EXPECT_TRUE(result->ticket);
    tell(pool, exchange_ptr{result});
    run();
    return result;
  }

  void answer(std::uint64_t id, model_answer x) {
    tell(tested, atom::deliver_v, call_id{id}, std::move(x));
    run();
  }

  void fail(std::uint64_t id, errc code, bool begun = false) {
    auto x = to_answer(make_failure(code));
    x.begun = begun;
    answer(id, std::move(x));
  }

  void item(std::uint64_t id, int x) {
    tell(tested, atom::item_v, call_id{id},
         message_body{body_kind::json, {}, std::to_string(x)});
    run();
  }

  void leave() {
    tell(tested, atom::leave_v);
    run();
  }

  static model_answer ok() {
    return to_answer(json_reply("ok"));
  }

  pool_status status() {
    return query<pool_status>(pool, atom::status_v);
  }

  std::shared_ptr<model_notes> there = std::make_shared<model_notes>();
  notes told = make_notes();
  notes watched = make_notes();
  std::shared_ptr<troupe::admission> admission =
    std::make_shared<troupe::admission>(3);
  model_actor target;
  supervisor_actor supervisor;
  queue_actor pool;
  remote_worker_actor tested;
  end_ptr end;
};

} // namespace troupe
