#pragma once

#include <atomic>
#include <chrono>
#include <optional>

namespace troupe {

/// The clock of deadlines: monotonic, so that a change of the wall clock
/// never expires a request.
using deadline_clock = std::chrono::steady_clock;

/// How long a request may take, and its parts. Zero means no bound.
struct time_limits {
  /// Until a worker takes it.
  std::chrono::milliseconds queue{0};
  /// From there to the end of the answer.
  std::chrono::milliseconds execution{0};
  /// Between two items of a stream, and from the start of the work to the
  /// first. Unset means as long as `timeout`.
  std::optional<std::chrono::milliseconds> stream_idle = {};
  /// From the beginning to the whole answer; for a stream, to its first item.
  std::chrono::milliseconds timeout{0};
  /// How long the reader of a stream may hold the work up, in all.
  std::chrono::milliseconds slow_reader{5'000};

  friend bool operator==(const time_limits&, const time_limits&) = default;
};

/// The time that one request has, and how much of it is used.
///
/// A request passes through two places at the most: its endpoint's owner, and
/// the model that a spec hands it to. Each has limits of its own, and the
/// earliest one counts. The client's deadline stands above all.
///
/// Threads: the maker calls `begin`, `lower_deadline` and
/// `bound_until_handed_on` before anybody else has the request; the other
/// members are safe from every thread.
class time_budget {
public:
  using clock = deadline_clock;
  using time_point = clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  static constexpr time_point never = time_point::max();

  // -- for the maker ----------------------------------------------------------

  /// The request begins to count.
  void begin(time_point now, const time_limits& limits) noexcept {
    created_ = now;
    own_ = limits;
  }

  /// The client waits no longer than until `at`, streams included.
  void lower_deadline(time_point at) noexcept {
    if (at < deadline_)
      deadline_ = at;
  }

  /// Bounds the request until `hand_on`, whose limits then hold instead; zero
  /// means no bound.
  void bound_until_handed_on(milliseconds timeout) noexcept {
    model_timeout_.store(timeout.count(), std::memory_order_relaxed);
  }

  // -- what happens to the request --------------------------------------------

  /// A worker takes it: the queue's limit is over, the execution's begins.
  void start(time_point now) noexcept {
    touch(now);
    // Last, so that nobody sees it started and never touched.
    started_.store(now.time_since_epoch().count(), std::memory_order_release);
  }

  /// It goes on: an item was made, or the reader took something.
  void touch(time_point now) noexcept {
    touched_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  /// The first item of a stream is on its way to the client: from now on the
  /// silence between items is bounded instead of the whole answer.
  void begin_stream() noexcept {
    streams_.store(true, std::memory_order_relaxed);
  }

  /// It waits again, for a worker of a model, whose limits hold beside its own.
  void hand_on(const time_limits& model) noexcept;

  // -- questions --------------------------------------------------------------

  [[nodiscard]] time_point created() const noexcept {
    return created_;
  }

  /// When the client stops waiting; `never` when it did not say.
  [[nodiscard]] time_point deadline() const noexcept {
    return deadline_;
  }

  [[nodiscard]] bool started() const noexcept {
    return started_.load(std::memory_order_acquire) != 0;
  }

  /// When a worker took it last; nothing before.
  [[nodiscard]] std::optional<time_point> started_at() const noexcept {
    const auto ticks = started_.load(std::memory_order_acquire);
    return ticks == 0 ? std::nullopt
                      : std::optional{time_point{clock::duration{ticks}}};
  }

  [[nodiscard]] bool streams() const noexcept {
    return streams_.load(std::memory_order_relaxed);
  }

  /// Returns when the earliest of the limits that hold at present runs out. It
  /// may move later; earlier only by `start`, `hand_on` and `begin_stream`.
  [[nodiscard]] time_point due() const noexcept;

  /// Returns whether a request that has not started is answered in time when it
  /// starts at `begin` and takes as long as `work`.
  [[nodiscard]] bool can_make(time_point begin,
                              clock::duration work) const noexcept;

  /// Returns how long the reader of the stream may hold the work up, in all:
  /// what the model says that it was handed on to. Zero means for ever.
  [[nodiscard]] milliseconds slow_reader() const noexcept {
    auto model = model_slow_reader_.load(std::memory_order_relaxed);
    return model >= 0 ? milliseconds{model} : own_.slow_reader;
  }

  /// Returns when to ask `due` next. Nobody reports `start`, so this is early
  /// enough for every limit that begins after `now`.
  [[nodiscard]] time_point next_look(time_point now) const noexcept;

  /// Returns whether the work has become useless: it need not begin or go on.
  [[nodiscard]] bool expired(time_point now) const noexcept {
    return now >= due();
  }

private:
  using rep = milliseconds::rep;

  static milliseconds load(const std::atomic<rep>& x) noexcept {
    return milliseconds{x.load(std::memory_order_relaxed)};
  }

  time_point created_ = {};
  time_point deadline_ = never;
  time_limits own_ = {};
  /// In ticks of the clock; 0 means not yet.
  std::atomic<clock::rep> started_{0};
  std::atomic<clock::rep> touched_{0};
  std::atomic<bool> streams_{false};
  /// From `bound_until_handed_on`, then from `hand_on`, in milliseconds; the
  /// others are from `hand_on`.
  std::atomic<rep> model_timeout_{0};
  std::atomic<rep> model_queue_{0};
  std::atomic<rep> model_execution_{0};
  std::atomic<rep> model_idle_{0};
  /// Negative before.
  std::atomic<rep> model_slow_reader_{-1};
};

} // namespace troupe
