#pragma once

#include "troupe/specs/exchange/time_budget.hpp"
#include "troupe/specs/observe/model_series.hpp"
#include "troupe/specs/values/error.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe {

/// Why a request was turned away although it was in order.
enum class refusal_reason : std::uint8_t {
  /// It was not.
  none,
  /// The model's queue is full.
  queue_full,
  /// The model loads, was given up, or has no worker.
  not_ready,
  /// The server is about to end.
  draining,
  /// The caller is over its rate.
  rate_limit,
  /// Too many requests of the endpoint or the caller are in work.
  concurrency,
  /// Its deadline would pass before its turn.
  deadline,
  /// The memory for request bodies is used up.
  memory,
  /// Workers died of the same input.
  shunned_input,
};

/// The number of reasons, `none` included.
inline constexpr std::size_t refusal_reason_count =
  static_cast<std::size_t>(refusal_reason::shunned_input) + 1;

/// Returns the word for labels and log lines, e.g. `queue_full`.
std::string_view to_string(refusal_reason x) noexcept;

/// Returns what a failure with this code was refused for when nobody said more.
refusal_reason refusal_of(errc code) noexcept;

/// How many tokens one request had, for language models.
struct token_counts {
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  /// Of those that came in: they were still known from before.
  std::uint32_t cached = 0;

  friend bool operator==(const token_counts&, const token_counts&) = default;
};

/// What one request carries for those who look on: metrics, the access log,
/// traces. When it was made and when a worker took it stands in
/// `exchange::time` (`created`, `started_at`).
///
/// Threads: the maker of the exchange sets the public members before anybody
/// else has it. Each other fact has one writer at a time, which its setter
/// names; all may be read from every thread, and are final when the exchange
/// has ended and its worker is done with it. Facts of the call of a spec are
/// also those of the request that ordered it. Nothing here allocates or reads a
/// clock.
class request_facts {
public:
  using clock = deadline_clock;
  using time_point = clock::time_point;

  /// In the place of a worker's index: no worker took it.
  static constexpr std::uint32_t no_worker = UINT32_MAX;

  // -- set by the maker -------------------------------------------------------

  /// When the client's whole request was there. For a call that a spec ordered,
  /// that of the request; else the same as `time.created()`.
  time_point arrived = {};

  /// Whether the end of `predict` is noted for this request, which costs a read
  /// of the clock. For a trace that is recorded.
  bool in_detail = false;

  // -- what happens to it -----------------------------------------------------

  /// Dispatch, and a spec that hands it on: this model shall answer it. It was
  /// with no worker of this model yet.
  void handed_to(const model_series& x) noexcept {
    worker_.store(no_worker, std::memory_order_relaxed);
    model_.store(&x, std::memory_order_release);
  }

  /// POOL: this worker takes it. Each try overwrites the one before.
  void taken_by(std::uint32_t worker) noexcept {
    worker_.store(worker, std::memory_order_relaxed);
  }

  /// The sink: an item goes out now.
  /// @returns how long it is since the one before, nothing for the first
  std::optional<clock::duration> item(time_point now) noexcept {
    const auto ticks = now.time_since_epoch().count();
    const auto before = last_item_.load(std::memory_order_relaxed);
    last_item_.store(ticks, std::memory_order_relaxed);
    if (before != 0)
      return clock::duration{ticks - before};
    first_item_.store(ticks, std::memory_order_relaxed);
    return std::nullopt;
  }

  /// The loop of a model, when `in_detail`: the user's `predict` has returned.
  void predicted(time_point now) noexcept {
    predicted_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  /// Whoever turns it away, before it fails: why. A failure whose code says
  /// enough (`refusal_of`) needs no call.
  void refused(refusal_reason why) noexcept {
    refusal_.store(why, std::memory_order_relaxed);
  }

  /// The model, or the encoder of a spec: what it took and made so far.
  void tokens(token_counts x) noexcept {
    tokens_in_.store(x.in, std::memory_order_relaxed);
    tokens_out_.store(x.out, std::memory_order_relaxed);
    tokens_cached_.store(x.cached, std::memory_order_relaxed);
  }

  /// The sink: its answer, or the end of its stream, is made now.
  void finished(time_point now, int status) noexcept {
    status_.store(static_cast<std::uint16_t>(status),
                  std::memory_order_relaxed);
    ended_.store(now.time_since_epoch().count(), std::memory_order_release);
  }

  /// The sink: it fails now.
  /// @param status what the client gets, 499 for one that left
  void failed(time_point now, errc code, int status) noexcept {
    code_.store(code, std::memory_order_relaxed);
    if (refusal_.load(std::memory_order_relaxed) == refusal_reason::none)
      refused(refusal_of(code));
    finished(now, status);
  }

  // -- questions --------------------------------------------------------------

  /// The model that answers it; null when none does. Lives as long as the
  /// server.
  [[nodiscard]] const model_series* model() const noexcept {
    return model_.load(std::memory_order_acquire);
  }

  /// The index of the worker that has it or had it, or `no_worker`.
  [[nodiscard]] std::uint32_t worker() const noexcept {
    return worker_.load(std::memory_order_relaxed);
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
    const auto ticks = ended_.load(std::memory_order_acquire);
    return ticks == 0 ? std::nullopt
                      : std::optional{time_point{clock::duration{ticks}}};
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

  std::atomic<const model_series*> model_{nullptr};
  std::atomic<std::uint32_t> worker_{no_worker};
  /// In ticks of the clock; 0 means not yet.
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
};

} // namespace troupe
