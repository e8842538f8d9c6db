#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/values/log.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace troupe {

/// Where a model's `predict` runs.
enum class execution_mode : std::uint8_t {
  /// A thread for each worker. The default, right for real models.
  dedicated,
  /// On the thread that read the request, for models of microseconds: saves
  /// the hand-over, and delays everybody while it runs.
  inlined,
};

std::string_view to_string(execution_mode x) noexcept;

/// When a batch closes: at `max_size` items, or `max_delay` after its first.
struct batch_options {
  /// 1 switches batching off.
  std::size_t max_size = 1;
  std::chrono::microseconds max_delay{0};
};

struct queue_options {
  /// How many requests wait at most; one more gets 503.
  std::size_t max_size = 256;
};

/// What happens after a worker's death.
struct restart_options {
  std::chrono::milliseconds initial_backoff{100};
  std::chrono::milliseconds max_backoff{10'000};
  /// After more deaths than this within `window`, dead workers are not
  /// replaced; the model is given up when none is left. Deaths of workers that
  /// had the same input and nothing else count as one.
  std::size_t max_restarts = 5;
  std::chrono::milliseconds window{60'000};
  /// When what was not replaced is tried again, and a model that was given up:
  /// that one after twice as long each time it fails again, up to 16 times;
  /// zero means never.
  std::chrono::milliseconds revive_after{60'000};
};

/// What becomes of a worker that does not come back.
enum class hang_policy : std::uint8_t {
  /// Another one takes its place; the thread is left to its call. Inline
  /// workers have no thread of their own and are only reported.
  replace,
  /// It is only reported, and not counted as ready.
  report,
};

/// What happens when a worker is in a call of its model that nobody waits for
/// any more: its requests were answered, by a time limit mostly.
struct hang_options {
  /// How long it may be; zero means for ever.
  std::chrono::milliseconds after{5'000};
  hang_policy policy = hang_policy::replace;
  /// How many replaced workers of the model may be in their calls at once.
  std::size_t max_replaced = 4;
};

/// How one model is served.
struct model_options {
  /// Unique in the server; letters, digits, `_ . -`.
  std::string name = {};
  /// The predict endpoint's pattern; unset switches it off.
  std::optional<std::string> predict = "/predict";
  std::size_t workers = 1;
  execution_mode execution = execution_mode::dedicated;
  /// Covers queue and execution. Unset takes the server's, zero means none.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// Bounds of the parts, beside `timeout`.
  time_limits limits = {};
  /// A comment on an event stream that was silent for so long, so that no
  /// proxy cuts it; zero sends none.
  std::chrono::milliseconds heartbeat{15'000};
  /// How often each worker's `health` hook is asked, if there is one, between
  /// two requests.
  std::chrono::milliseconds health_interval{5'000};
  std::optional<std::size_t> max_body_bytes = {};
  troupe::access access = troupe::access::key;
  conflict_policy on_conflict = conflict_policy::error;
  batch_options batch = {};
  queue_options queue = {};
  restart_options restart = {};
  hang_options hang = {};
  /// The server is not ready without it.
  bool required = true;
  /// A request whose worker died is tried once on another worker.
  bool idempotent = false;
  /// `predict` has no effects: when a batch throws, its items are tried one
  /// by one, so that only those fail that deserve it.
  bool pure = false;
  /// Handed to `setup`, e.g. `cpu`.
  std::string device = "cpu";
  /// Where it was declared, for messages; set by the config reader.
  std::string origin = {};

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

/// Which worker a model instance belongs to.
struct worker_slot {
  std::string model = {};
  /// From 0.
  std::uint32_t index = 0;
  std::string device = "cpu";
  log_sink log = no_log();
  /// Runs a function on the worker's thread, after what it does now. Safe
  /// from every thread; dropped when the worker is gone.
  std::function<void(std::function<void()>)> post = {};
  /// Takes what hooks `log(key, value)`; null when nobody asked.
  logged_value_sink values = {};
  /// Who is told of hooks; null when nobody asked.
  callback_list callbacks = {};
  /// `model_options::pure`.
  bool pure = false;
};

/// What a step leaves to do.
enum class progress : std::uint8_t {
  /// Nothing is live.
  idle,
  /// Step again.
  more,
  /// Step again a little later: every reader is behind.
  later,
};

/// A model as the runtime sees it: one instance for each worker, used by one
/// thread at a time. Users write a plain class instead, see model_adapter.hpp.
class model {
public:
  virtual ~model() = default;

  /// Loads what the model needs; on the worker's thread, before any request.
  /// An exception is a failed start of this worker.
  virtual void setup(const worker_slot&) {
    // nop
  }

  /// Tries the model before it is ready, e.g. runs `predict` once; after
  /// `setup`, on the same thread. An exception is a failed start, too.
  virtual void warmup() {
    // nop
  }

  /// How many calls of `process` may be open at once, because their exchanges
  /// are answered later (`step`, a promise). Constant after `setup`, at least
  /// 1. Above 1 each call gets one exchange.
  [[nodiscard]] virtual std::size_t capacity() const noexcept {
    return 1;
  }

  /// Returns how many calls of `process` are open.
  [[nodiscard]] virtual std::size_t open() const noexcept {
    return 0;
  }

  /// Advances what is live by one step, with new exchanges taken in between.
  /// @throws worker_fatal (only that), as `process`
  virtual progress step() {
    return progress::idle;
  }

  /// Answers every exchange exactly once. At most `batch.max_size` of them,
  /// none of them expired or cancelled when the call began.
  /// @throws worker_fatal (only that) when this instance is broken; exchanges
  ///         not yet answered are answered by the worker.
  virtual void process(std::span<const exchange_ptr> batch) = 0;

  /// Whether an exchange may be open when `process` returns, because somebody
  /// else will answer it. Otherwise the worker answers 500 for a model that
  /// forgot.
  [[nodiscard]] virtual bool answers_later() const noexcept {
    return false;
  }

  /// Returns whether the model still works; part of `/health`.
  [[nodiscard]] virtual bool healthy() {
    return true;
  }
};

/// A model to be served: how, and how to make an instance.
struct model_definition {
  model_options options = {};
  /// Makes an instance for a worker; on the worker's thread.
  std::function<std::unique_ptr<model>(const worker_slot&)> make = {};
  /// Whether `predict` takes a batch. Start-up refuses `batch.max_size > 1`
  /// without it.
  bool batched = false;
  /// Asked before the request has a place in the queue, on the thread that
  /// brings it: refuses by throwing. Unset: everybody may.
  std::function<void(exchange&)> authorize = {};
  /// Whether the model has a `health` hook.
  bool has_health = false;
  /// Whether the model yields items.
  bool streaming = false;
  /// Whether the model goes on by `step` while requests are live. Start-up
  /// refuses to run it inline.
  bool continuous = false;
  /// Extra facts for `/info`, e.g. inputs and outputs.
  nlohmann::json metadata = nullptr;
};

} // namespace troupe
