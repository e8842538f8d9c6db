#pragma once

#include "troupe/specs/exchange/admission.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/log.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe {

/// How one model is.
enum class model_phase : std::uint8_t {
  /// No worker was ready yet.
  loading,
  /// At least one worker is ready.
  ready,
  /// Was ready, has no worker now, will have one again.
  restarting,
  /// Given up; tried again after a pause, if the options say so.
  failed,
  /// Every worker is inside a call that nobody waits for any more.
  stuck,
};

std::string_view to_string(model_phase x) noexcept;

/// The state of one model, written by SUPERVISOR, read by everybody.
class model_state {
public:
  model_state(std::string name, bool required, std::size_t workers,
              std::shared_ptr<const admission> gate = nullptr)
    : name_(std::move(name)),
      required_(required),
      workers_(workers),
      gate_(std::move(gate)),
      sick_(workers) {
    // nop
  }

  [[nodiscard]] const std::string& name() const noexcept {
    return name_;
  }

  [[nodiscard]] bool required() const noexcept {
    return required_;
  }

  [[nodiscard]] std::size_t workers() const noexcept {
    return workers_;
  }

  [[nodiscard]] model_phase phase() const noexcept {
    return phase_.load(std::memory_order_acquire);
  }

  /// Whether requests are taken: ready, or soon again.
  [[nodiscard]] bool accepts() const noexcept {
    auto p = phase();
    return p == model_phase::ready || p == model_phase::restarting;
  }

  [[nodiscard]] std::size_t ready_workers() const noexcept {
    return ready_workers_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t restarts() const noexcept {
    return restarts_.load(std::memory_order_relaxed);
  }

  /// Returns how many requests wait or run.
  [[nodiscard]] std::size_t pending() const noexcept {
    return gate_ != nullptr ? gate_->taken() : 0;
  }

  /// Returns whether no worker said at last that its model does not work.
  [[nodiscard]] bool healthy() const noexcept {
    return sick_count_.load(std::memory_order_acquire) == 0;
  }

  /// Returns how many workers do not come back from a call that nobody waits
  /// for, those that were replaced included.
  [[nodiscard]] std::size_t stuck_workers() const noexcept {
    return stuck_.load(std::memory_order_relaxed);
  }

  /// Returns why the model is as it is, as everybody may read it, or "".
  [[nodiscard]] std::string reason() const {
    std::unique_lock guard{text_mutex_};
    return reason_;
  }

  /// Returns the same with the text of the exception behind it, for operators.
  [[nodiscard]] std::string detail() const {
    std::unique_lock guard{text_mutex_};
    return detail_.empty() ? reason_ : detail_;
  }

  /// Returns what a client is told while the model takes no requests, e.g.
  /// `Model digits is loading`.
  [[nodiscard]] std::string refusal() const;

private:
  friend class status_board;

  std::string name_;
  bool required_;
  std::size_t workers_;
  std::shared_ptr<const admission> gate_;
  /// Which workers said so; guarded by the board's mutex.
  std::vector<bool> sick_;
  std::atomic<std::size_t> sick_count_{0};
  std::atomic<model_phase> phase_{model_phase::loading};
  std::atomic<std::size_t> ready_workers_{0};
  std::atomic<std::uint64_t> restarts_{0};
  std::atomic<std::size_t> stuck_{0};
  mutable std::mutex text_mutex_;
  std::string reason_;
  std::string detail_;
};

/// Where the server is in its life.
enum class server_phase : std::uint8_t { starting, serving, draining, stopped };

std::string_view to_string(server_phase x) noexcept;

/// Counters of one server; relaxed, exact when nothing runs.
struct traffic_counters {
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> cancelled{0};
  /// Failures by `errc`; the sums above have them, too.
  std::array<std::atomic<std::uint64_t>, errc_end> failed{};
  /// Requests of models, specs and routes that came over HTTP and whose answer
  /// is not complete.
  std::atomic<std::size_t> active{0};

  /// Counts a request that its owner answered.
  void count_finished() noexcept {
    finished.fetch_add(1, std::memory_order_relaxed);
  }

  /// Counts a request that failed, under the sum that its code belongs to.
  void count_failed(errc code) noexcept;
};

/// The truth about a server's health, in one place. Thread-safe.
class status_board {
public:
  /// Called when a required model is given up, and when the server itself has
  /// failed. Set before the board is shared.
  std::function<void(const std::string&)> on_failure = {};

  traffic_counters traffic = {};

  void add(std::shared_ptr<model_state> state);
  void remove(const std::shared_ptr<model_state>& state);

  void phase(server_phase x);
  [[nodiscard]] server_phase phase() const;

  /// Records a change of a model; `detail` is the reason, for the log and
  /// for operators, `reason` what everybody may read of it.
  void update(model_state& state, model_phase phase, std::size_t ready_workers,
              const std::string& detail = {}, const std::string& reason = {});

  /// Records how many workers of a model do not come back.
  void stuck(model_state& state, std::size_t workers);

  /// The server cannot work any more, whatever its models do: it is not ready
  /// until its end, and `on_failure` is called.
  void fail(const std::string& reason);

  /// Records what a worker's model said about itself last.
  void health(model_state& state, std::uint32_t worker, bool healthy);

  void count_restart(model_state& state) noexcept {
    state.restarts_.fetch_add(1, std::memory_order_relaxed);
  }

  /// Whether the server serves and every required model is ready and healthy.
  [[nodiscard]] bool ready() const;

  /// What a probe may tell: `ready`, or each reason why not.
  [[nodiscard]] std::string explain() const;

  /// What is wrong although it does not touch readiness, a line for each model:
  /// one that is not required and has failed, workers that are missing.
  [[nodiscard]] std::string notes() const;

  /// Waits until `ready`, until a required model is given up, or for
  /// `timeout`.
  bool wait_ready(std::chrono::milliseconds timeout) const;

  [[nodiscard]] std::vector<std::shared_ptr<model_state>> models() const;

private:
  [[nodiscard]] bool ready_locked() const;
  [[nodiscard]] bool failed_locked() const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  server_phase phase_ = server_phase::starting;
  /// Why the server has failed, or "".
  std::string failure_;
  std::vector<std::shared_ptr<model_state>> models_;
};

} // namespace troupe
