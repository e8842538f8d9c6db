#pragma once

#include "troupe/specs/exchange/time_budget.hpp"
#include "troupe/specs/observe/model_series.hpp"
#include "troupe/specs/values/error.hpp"

#include <atomic>
#include <cstdint>
#include <optional>

namespace troupe {

/// What one request carries for observers: metrics, the access log, traces.
/// When it was made and when a worker took it stands in `exchange::time`
/// (`created`, `started_at`).
///
/// Threads: the maker of the exchange sets the public members before anybody
/// else has it. Each other fact has one writer at a time, which its setter
/// names; all may be read from every thread, and are final when the exchange
/// has ended and its worker is done with it. Facts of the call of a spec are
/// also those of the request that ordered it. What is known is counted in the
/// series of its model at once. Nothing here reads a clock.
class request_facts {
public:
  using clock = deadline_clock;
  using time_point = clock::time_point;

  /// Stands for a worker's index when no worker took it.
  static constexpr std::uint32_t no_worker = UINT32_MAX;

  // -- set by the maker -------------------------------------------------------

  /// When the client's whole request was there. For a call that a spec ordered,
  /// that of the request; else the same as `time.created()`.
  time_point arrived = {};

  /// Whether a client waits for it: then it is counted as a request. The call
  /// that a spec ordered is not one.
  bool is_request = false;

  /// Where it is counted as long as no model has it; may be null.
  model_series* otherwise = nullptr;

  /// Whether the end of `predict` is noted for this request, which costs a read
  /// of the clock. For a trace that is recorded.
  bool in_detail = false;

  // -- what happens to it -----------------------------------------------------

  /// Dispatch: this model is to answer it. None of its workers has it yet.
  void handed_to(model_series& x) noexcept {
    worker_.store(no_worker, std::memory_order_relaxed);
    through_calls_.store(false, std::memory_order_relaxed);
    model_.store(&x, std::memory_order_release);
  }

  /// A spec or a cache: calls of this model answer it, which have facts of
  /// their own.
  void answered_through(model_series& x) noexcept {
    handed_to(x);
    through_calls_.store(true, std::memory_order_relaxed);
  }

  /// POOL, and the call of a spec for its request: this worker takes it now.
  /// Each try overwrites the one before.
  void taken_by(std::uint32_t worker, time_point now) noexcept {
    taken_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    worker_.store(worker, std::memory_order_relaxed);
  }

  /// POOL: it waits again.
  void given_back() noexcept {
    worker_.store(no_worker, std::memory_order_relaxed);
  }

  /// The sink: an item goes out now.
  void item(time_point now) noexcept;

  /// The loop of a model, when `in_detail`: the user's `predict` has returned.
  void predicted(time_point now) noexcept {
    predicted_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  /// The code that turns it away, before it fails: why. A failure whose code
  /// says enough (`refusal_of`) needs no call.
  void refused(refusal_reason why) noexcept {
    refusal_.store(why, std::memory_order_relaxed);
  }

  /// The model, or the encoder of a spec: what it took and made so far. A
  /// number never goes down.
  void tokens(token_counts x) noexcept;

  /// The sink: its answer, or the end of its stream, is made now.
  void finished(time_point now, int status) noexcept;

  /// The sink: it fails now.
  /// @param status what the client gets, 499 for one that left
  void failed(time_point now, errc code, int status) noexcept;

  // -- questions --------------------------------------------------------------

  /// The model that answers it; null when none does. Lives as long as the
  /// server.
  [[nodiscard]] model_series* model() const noexcept {
    return model_.load(std::memory_order_acquire);
  }

  /// The index of the worker that has it or had it, or `no_worker`.
  [[nodiscard]] std::uint32_t worker() const noexcept {
    return worker_.load(std::memory_order_relaxed);
  }

  /// When that worker took it; nothing before.
  [[nodiscard]] std::optional<time_point> taken_at() const noexcept {
    return worker() == no_worker ? std::nullopt : at(taken_);
  }

  [[nodiscard]] std::optional<time_point> first_item() const noexcept {
    return at(first_item_);
  }

  [[nodiscard]] std::optional<time_point> last_item() const noexcept {
    return at(last_item_);
  }

  [[nodiscard]] std::optional<time_point> predict_end() const noexcept {
    return at(predicted_);
  }

  /// When its answer, or the end of its stream, was made.
  [[nodiscard]] std::optional<time_point> ended_at() const noexcept {
    const auto since_epoch = ended_.load(std::memory_order_acquire);
    return since_epoch == 0
             ? std::nullopt
             : std::optional{time_point{clock::duration{since_epoch}}};
  }

  /// Of the answer; 0 before its end.
  [[nodiscard]] int status() const noexcept {
    return status_.load(std::memory_order_relaxed);
  }

  /// Why it failed; nothing when it did not.
  [[nodiscard]] std::optional<errc> failure_code() const noexcept {
    const auto code = code_.load(std::memory_order_relaxed);
    return code == errc{} ? std::nullopt : std::optional{code};
  }

  [[nodiscard]] refusal_reason refusal() const noexcept {
    return refusal_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] token_counts tokens() const noexcept {
    return {tokens_in_.load(std::memory_order_relaxed),
            tokens_out_.load(std::memory_order_relaxed),
            tokens_cached_.load(std::memory_order_relaxed)};
  }

private:
  using ticks = std::atomic<clock::rep>;

  static std::optional<time_point> at(const ticks& x) noexcept {
    const auto n = x.load(std::memory_order_relaxed);
    return n == 0 ? std::nullopt
                  : std::optional{time_point{clock::duration{n}}};
  }

  std::atomic<model_series*> model_{nullptr};
  std::atomic<std::uint32_t> worker_{no_worker};
  /// In ticks of the clock; 0 means not yet.
  ticks taken_{0};
  ticks first_item_{0};
  ticks last_item_{0};
  ticks predicted_{0};
  ticks ended_{0};
  std::atomic<std::uint32_t> tokens_in_{0};
  std::atomic<std::uint32_t> tokens_out_{0};
  std::atomic<std::uint32_t> tokens_cached_{0};
  std::atomic<std::uint16_t> status_{0};
  std::atomic<errc> code_{errc{}};
  std::atomic<refusal_reason> refusal_{refusal_reason::none};
  std::atomic<bool> through_calls_{false};
};

} // namespace troupe
