#pragma once

#include "troupe/actors/pool/work_queue.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// The queue by itself: its owner is the test, and so are the workers.
class work_queue_fixture : public deterministic_system {
protected:
  using strings = std::vector<std::string>;

  void TearDown() override {
    tested = {};
    receivers.clear();
    deterministic_system::TearDown();
  }

  void start(work_queue::options options = {}) {
    work_queue::owner owner;
    owner.now = [this] { return time; };
    owner.send_one = [this](const worker_actor& to, const exchange_ptr& ex) {
      sent.push_back(ex->request_id);
      receivers.push_back(to);
    };
    owner.send_batch = [this](const worker_actor& to, const batch_ptr& batch) {
      receivers.push_back(to);
      std::string text;
      for (const auto& ex : *batch)
        text += ex->request_id;
      sent.push_back(text);
    };
    owner.tick_later = [this](deadline_clock::duration delay,
                              batch_number batch) {
      ticks.emplace_back(delay, batch);
    };
    tested = work_queue{std::move(options), std::move(owner)};
  }

  worker_actor join(std::uint32_t index, std::uint32_t capacity = 1) {
    auto result =
      own(sys.spawn(holding_worker, std::make_shared<worker_notes>()));
    tested.join({{index}, result, capacity});
    return result;
  }

  /// A worker that stands for another machine.
  worker_actor join_remote(std::uint32_t index, std::uint32_t capacity) {
    auto result =
      own(sys.spawn(holding_worker, std::make_shared<worker_notes>()));
    tested.join({{index}, result, capacity, true});
    return result;
  }

  std::shared_ptr<recording_exchange> put(std::string id,
                                          std::string body = "{}") {
    auto result = ask(std::move(body), std::move(id));
    tested.put(result);
    return result;
  }

  work_queue tested;
  deadline_clock::time_point time = now();
  strings sent;
  /// Who was sent each of them.
  std::vector<worker_actor> receivers;
  std::vector<std::pair<deadline_clock::duration, batch_number>> ticks;
};

} // namespace troupe
