#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/cache_options.hpp"
#include "troupe/specs/model/model_options.hpp"
#include "troupe/specs/model/worker_slot.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace troupe {

/// What a step leaves to do.
enum class progress : std::uint8_t {
  /// Nothing is live.
  idle,
  /// Step again.
  more,
  /// Step again a little later: every reader is behind.
  later,
};

/// How long after `progress::later` the next step comes.
inline constexpr std::chrono::milliseconds congestion_pause{2};

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

  /// Nobody needs the model any more: a `setup` that runs may end early, by an
  /// exception. Called from another thread; does not wait.
  virtual void interrupt() noexcept {
    // nop
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
  /// Which answers are kept.
  cache_options cache = {};
  /// Whether the model has an `authorize` that needs an instance, so that
  /// workers ask it.
  bool authorizes_late = false;
  /// What answers instead of workers, see `make_pipeline`; null for a model.
  std::shared_ptr<const troupe::pipeline> pipeline = {};
  /// Whether the model has a `health` hook.
  bool has_health = false;
  /// Whether the model yields items.
  bool streaming = false;
  /// Whether a model that yields items also answers as a whole, as a request
  /// may ask.
  bool whole_answers = false;
  /// Whether the model goes on by `step` while requests are live. Start-up
  /// refuses to run it inline.
  bool continuous = false;
  /// Whether `make` makes models that stand for ones in processes of their own,
  /// as `execution_mode::process` asks for.
  bool has_processes = false;
  /// Extra facts for `/info`, e.g. inputs and outputs.
  nlohmann::json metadata = nullptr;
};

} // namespace troupe
