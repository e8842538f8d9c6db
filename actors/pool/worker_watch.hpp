#pragma once

#include "troupe/specs/exchange/exchange.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace troupe {

/// What a WORKER and its SUPERVISOR share, so that a worker that does not come
/// back from its model is noticed, replaced and left behind. WORKER calls
/// `enter` and `leave` around each call of its model; SUPERVISOR looks on from
/// its own thread. Thread-safe; an uncontended lock for each call.
class worker_watch {
public:
  /// Numbers the calls of one worker; 0 means no call.
  using call_id = std::uint64_t;

  /// WORKER: a call of the model for these exchanges begins. Both lists stay as
  /// they are until `leave`.
  /// @param open what the model has and answers later
  void enter(std::span<const exchange_ptr> batch,
             const std::vector<exchange_ptr>& open);

  /// WORKER: a call begins that may take as long as it likes: `setup`, the
  /// model's end.
  void enter();

  /// WORKER: the call is over. Does not return once the thread was left behind:
  /// what it could touch next may be gone.
  /// @returns false when the worker was replaced: it ends without another
  /// report
  [[nodiscard]] bool leave();

  /// WORKER: how the model is told that nobody needs it any more; null when it
  /// ends. Called at once if that was already said.
  void on_interrupt(std::function<void()> f);

  /// Nobody needs the worker any more: lets its model end early what it does.
  void interrupt();

  /// Returns the call that runs although nobody waits for any of its exchanges,
  /// or 0.
  [[nodiscard]] call_id deserted() const;

  /// Returns when the last of the exchanges of that call ended; nothing when
  /// one of them has not ended, or does not tell when.
  [[nodiscard]] std::optional<deadline_clock::time_point> deserted_at() const;

  /// Replaces the worker if that call still runs and nobody waits for it.
  /// @returns whether it does; `leave` will say so to the worker.
  [[nodiscard]] bool replace(call_id call);

  /// Cancels what the call that runs works for: a POOL on the same thread
  /// cannot.
  void cancel();

  /// Leaves the worker's thread behind for good, because the actor system may
  /// end: the thread stops for ever when its model returns. What it holds is
  /// lost.
  void orphan();

  /// WORKER: what its model says of itself.
  void healthy(bool x) noexcept {
    sick_.store(!x, std::memory_order_relaxed);
  }

  /// Returns whether its model said last that it is not well.
  [[nodiscard]] bool sick() const noexcept {
    return sick_.load(std::memory_order_relaxed);
  }

  /// What the worker does.
  struct glance {
    /// It is in a call of its model, or sets it up.
    bool inside = false;
    /// The call that it is in, or that it was in last.
    call_id calls = 0;
  };

  [[nodiscard]] glance look() const;

  /// Whether the worker was replaced.
  [[nodiscard]] bool replaced() const;

private:
  [[nodiscard]] call_id deserted_locked() const;
  void park_if_orphaned(std::unique_lock<std::mutex>& guard);

  mutable std::mutex mutex_;
  std::condition_variable never_;
  /// Of the call that runs; empty between calls.
  std::span<const exchange_ptr> batch_;
  const std::vector<exchange_ptr>* open_ = nullptr;
  call_id calls_ = 0;
  bool inside_ = false;
  bool judged_ = false;
  bool replaced_ = false;
  bool orphaned_ = false;
  std::atomic<bool> sick_{false};

  std::mutex interrupt_mutex_;
  std::function<void()> interrupt_model_;
  bool interrupted_ = false;
};

} // namespace troupe
