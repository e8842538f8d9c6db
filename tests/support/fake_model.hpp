#pragma once

#include "troupe/specs/model/model.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Makes an exchange with a JSON body.
inline std::shared_ptr<recording_exchange> ask(std::string body = "{}",
                                               std::string id = "") {
  auto result = make_sink<recording_exchange>();
  result->request.body = std::move(body);
  result->request_id = std::move(id);
  return result;
}

/// Says how an exchange ended: `200 {"output":9}` or `not_ready: "..."`, and
/// `open` for one that did not.
inline std::string outcome_of(const recording_exchange& ex) {
  if (ex.answer)
    return std::to_string(ex.answer->status) + ' '
           + payload{ex.answer->body}.take_text();
  if (ex.error)
    return std::string{to_string(ex.error->code)} + ": "
           + ex.error->effective_detail().dump();
  return "open";
}

/// A model that does what the test says. All instances of one definition
/// share a script.
class fake_model final : public model {
public:
  struct script {
    std::function<void(const worker_slot&)> on_setup = {};
    /// Unset answers every exchange with `"ok"`.
    std::function<void(std::span<const exchange_ptr>)> on_process = {};
    bool answers_later = false;
    /// What `healthy` says; unset is yes.
    std::function<bool()> on_health = {};
    /// Called at the end of each instance.
    std::function<void()> on_end = {};

    /// The request ids of each batch, in the order of the calls.
    [[nodiscard]] std::vector<std::vector<std::string>> batches() const {
      std::lock_guard guard{mutex_};
      return batches_;
    }

    /// The slot of each `setup`.
    [[nodiscard]] std::vector<worker_slot> setups() const {
      std::lock_guard guard{mutex_};
      return setups_;
    }

  private:
    friend class fake_model;
    mutable std::mutex mutex_;
    std::vector<std::vector<std::string>> batches_;
    std::vector<worker_slot> setups_;
  };

  explicit fake_model(std::shared_ptr<script> s) : script_(std::move(s)) {
    // nop
  }

  fake_model(const fake_model&) = delete;
  fake_model& operator=(const fake_model&) = delete;

  ~fake_model() override {
    if (script_->on_end)
      script_->on_end();
  }

  void setup(const worker_slot& slot) override {
    {
      std::lock_guard guard{script_->mutex_};
      script_->setups_.push_back(slot);
    }
    if (script_->on_setup)
      script_->on_setup(slot);
  }

  void process(std::span<const exchange_ptr> batch) override {
    std::vector<std::string> ids;
    for (const auto& ex : batch)
      ids.push_back(ex->request_id);
    {
      std::lock_guard guard{script_->mutex_};
      script_->batches_.push_back(std::move(ids));
    }
    // A copy, because it may replace itself.
    if (auto f = script_->on_process)
      f(batch);
    else
      answer_all(batch);
  }

  [[nodiscard]] bool healthy() override {
    return !script_->on_health || script_->on_health();
  }

  [[nodiscard]] bool answers_later() const noexcept override {
    return script_->answers_later;
  }

  static void answer_all(std::span<const exchange_ptr> batch) {
    for (const auto& ex : batch)
      ex->finish(json_reply("ok"));
  }

  static void die(std::span<const exchange_ptr>) {
    throw worker_fatal("device lost");
  }

  static void forget(std::span<const exchange_ptr>) {
    // nop
  }

private:
  std::shared_ptr<script> script_;
};

/// Makes a definition whose instances follow `s`.
inline model_definition make_fake(std::string name,
                                  std::shared_ptr<fake_model::script> s,
                                  model_options options = {}) {
  model_definition result;
  result.options = std::move(options);
  result.options.name = std::move(name);
  result.batched = true;
  result.make = [s = std::move(s)](const worker_slot&) {
    return std::make_unique<fake_model>(s);
  };
  return result;
}

} // namespace troupe
