#pragma once

#include "troupe/actors/status/cache_counters.hpp"
#include "troupe/actors/status/recent_errors.hpp"
#include "troupe/specs/exchange/admission.hpp"
#include "troupe/specs/model/supervision_options.hpp"
#include "troupe/specs/observe/model_series.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
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
  /// It has no workers for want of requests; the next one loads it.
  unloaded,
  /// A request has come for it and waits until a worker is ready.
  waking,
};

std::string_view to_string(model_phase x) noexcept;

/// What a `model_state` is of.
enum class served_kind : std::uint8_t {
  model,
  /// The threads that run the handlers of a spec.
  handlers,
};

/// The state of one model, or of the handlers of a spec. Written by SUPERVISOR,
/// read by everybody.
class model_state {
public:
  model_state(std::string name, bool required, std::size_t workers,
              std::shared_ptr<const troupe::admission> admission = nullptr,
              served_kind kind = served_kind::model)
    : name_(std::move(name)),
      required_(required),
      escalates_(required ? escalation::exit : escalation::model_not_ready),
      workers_(workers),
      admission_(std::move(admission)),
      kind_(kind),
      sick_(workers) {
    // nop
  }

  /// What is counted of its requests goes there. Set before anybody else has
  /// the state; handlers of a spec have none.
  void counts_in(model_series& x) noexcept {
    series_ = &x;
  }

  /// Null when nobody set it.
  [[nodiscard]] model_series* series() const noexcept {
    return series_;
  }

  [[nodiscard]] served_kind kind() const noexcept {
    return kind_;
  }

  /// Returns its name in messages: `model digits`, `spec openai`.
  [[nodiscard]] std::string subject() const {
    return (kind_ == served_kind::model ? "model " : "spec ") + name_;
  }

  [[nodiscard]] const std::string& name() const noexcept {
    return name_;
  }

  [[nodiscard]] bool required() const noexcept {
    return required_;
  }

  /// What follows when it is given up.
  [[nodiscard]] escalation escalates() const noexcept {
    return escalates_;
  }

  /// Before it is shared.
  void escalates(escalation x) noexcept {
    escalates_ = x;
  }

  /// Whether the server is not ready because of it.
  [[nodiscard]] bool holds_up() const noexcept {
    const auto is = phase();
    if (is == model_phase::failed)
      return escalates_ != escalation::model_not_ready;
    return required_ && (!serves() || !healthy());
  }

  /// Whether it was given up and the server is not ready until the model is
  /// ready again.
  [[nodiscard]] bool has_failed_server() const noexcept {
    return phase() == model_phase::failed
           && escalates_ != escalation::model_not_ready;
  }

  /// Returns how many workers it should have now.
  [[nodiscard]] std::size_t workers() const noexcept {
    return workers_.now.load(std::memory_order_relaxed);
  }

  /// Returns how many workers it may have.
  [[nodiscard]] worker_range range() const noexcept {
    return {workers_.min.load(std::memory_order_relaxed),
            workers_.max.load(std::memory_order_relaxed)};
  }

  /// Returns why the number of workers is what it is, or "" when it was never
  /// changed.
  [[nodiscard]] std::string scaling() const {
    std::unique_lock guard{text_mutex_};
    return scaling_;
  }

  [[nodiscard]] model_phase phase() const noexcept {
    return phase_.load(std::memory_order_acquire);
  }

  /// Whether it is as it should be: ready, or loaded by the next request.
  [[nodiscard]] bool serves() const noexcept {
    const auto p = phase();
    return p == model_phase::ready || p == model_phase::unloaded
           || p == model_phase::waking;
  }

  /// Whether requests are taken: it serves, or does soon again.
  [[nodiscard]] bool accepts() const noexcept {
    return serves() || phase() == model_phase::restarting;
  }

  [[nodiscard]] std::size_t ready_workers() const noexcept {
    return ready_workers_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t restarts() const noexcept {
    return restarts_.load(std::memory_order_relaxed);
  }

  /// Returns how many requests wait or run.
  [[nodiscard]] std::size_t pending() const noexcept {
    return admission_ != nullptr ? admission_->taken() : 0;
  }

  /// Counts what the model's cache does; null without one. Set before the
  /// state is shared.
  std::shared_ptr<cache_counters> cache = {};

  /// Returns whether every worker's model works, by its latest report.
  [[nodiscard]] bool healthy() const noexcept {
    return sick_count_.load(std::memory_order_acquire) == 0;
  }

  /// Returns how many workers do not come back from a call that nobody waits
  /// for, those that were replaced included.
  [[nodiscard]] std::size_t stuck_workers() const noexcept {
    return stuck_.load(std::memory_order_relaxed);
  }

  /// Returns the reason for its phase, as everybody may read it, or "".
  [[nodiscard]] std::string reason() const {
    std::unique_lock guard{text_mutex_};
    return reason_;
  }

  /// Returns the same with the text of the exception behind it, for operators.
  [[nodiscard]] std::string detail() const {
    std::unique_lock guard{text_mutex_};
    return detail_.empty() ? reason_ : detail_;
  }

  /// What went wrong in it last: ends of workers, and what they logged as an
  /// error.
  [[nodiscard]] recent_errors& errors() noexcept {
    return errors_;
  }

  [[nodiscard]] const recent_errors& errors() const noexcept {
    return errors_;
  }

  /// Returns what a client is told while no requests are taken, e.g.
  /// `Model digits is loading`.
  [[nodiscard]] std::string refusal() const {
    return refusal(phase(), reason());
  }

  /// The same for another phase and reason.
  [[nodiscard]] std::string refusal(model_phase is,
                                    const std::string& why) const;

  /// Says how it is, e.g. `model digits is failed: its workers died`.
  [[nodiscard]] std::string describe() const;

private:
  friend class status_board;

  /// How many workers it should have now, and may have.
  struct worker_numbers {
    explicit worker_numbers(std::size_t x) : now(x), min(x), max(x) {
      // nop
    }

    std::atomic<std::size_t> now;
    std::atomic<std::size_t> min;
    std::atomic<std::size_t> max;
  };

  std::string name_;
  bool required_;
  escalation escalates_;
  worker_numbers workers_;
  std::shared_ptr<const admission> admission_;
  served_kind kind_;
  model_series* series_ = nullptr;
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
  std::string scaling_;
  recent_errors errors_;
};

} // namespace troupe
