#pragma once

#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// An instance of a user's model without actors: the test is the worker.
template <class Model>
class lone_model {
public:
  template <class... Ts>
  explicit lone_model(const Ts&... xs) {
    slot.model = "m";
    slot.log = [this](log_level, std::string_view text) {
      lines.emplace_back(text);
    };
    // As the runtime's: what comes when the worker is gone is dropped.
    slot.post = [weak = std::weak_ptr{posted_}](std::function<void()> f) {
      if (auto queue = weak.lock())
        queue->push_back(std::move(f));
    };
    instance = make_model<Model>({}, xs...).make(slot);
  }

  void setup() {
    instance->setup(slot);
  }

  /// Sends the bodies as one batch.
  std::vector<std::shared_ptr<recording_exchange>>
  send(const std::vector<std::string>& bodies) {
    std::vector<std::shared_ptr<recording_exchange>> result;
    std::vector<exchange_ptr> batch;
    for (const auto& body : bodies) {
      result.push_back(ask(body, std::to_string(++asked_)));
      batch.push_back(result.back());
    }
    instance->process(batch);
    return result;
  }

  /// Sends the bodies as one batch. @returns the answers.
  std::vector<std::string> answers(const std::vector<std::string>& bodies) {
    std::vector<std::string> result;
    for (const auto& ex : send(bodies))
      result.push_back(outcome_of(*ex));
    return result;
  }

  /// Runs what was posted to the worker's thread.
  void run_posted() {
    while (!posted_->empty()) {
      auto f = std::move(posted_->front());
      posted_->pop_front();
      f();
    }
  }

  worker_slot slot;
  std::vector<std::string> lines;
  std::unique_ptr<model> instance;

private:
  using job_queue = std::deque<std::function<void()>>;

  std::shared_ptr<job_queue> posted_ = std::make_shared<job_queue>();
  int asked_ = 0;
};

/// The items of a stream, and its end.
inline std::string stream_of(const recording_exchange& ex) {
  std::string result;
  for (const auto& x : ex.items)
    result += payload{x}.take_text() + ' ';
  if (ex.error)
    return result + std::to_string(ex.error->effective_status());
  return result + (ex.answer ? "end" : "open");
}

} // namespace troupe
