#pragma once

#include "troupe/actors/pool/fair_queue.hpp"
#include "troupe/actors/pool/service_meter.hpp"
#include "troupe/specs/exchange/admission.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/queue_options.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe {

/// Decides which requests a queue refuses, and when they may come again: it
/// knows how fast the queue gets shorter. Belongs to one queue. Not
/// thread-safe.
class queue_bounds {
public:
  using time_point = deadline_clock::time_point;
  using duration = deadline_clock::duration;

  queue_bounds() = default;

  /// @param bound told how long what waits will take; may be null
  queue_bounds(const queue_options& options, std::shared_ptr<admission> bound)
    : max_per_client_(options.max_per_client), bound_(std::move(bound)) {
    // nop
  }

  /// Answers a request that may not wait: 429 when its client has as many in
  /// work as it may, 503 when, as far as is known, it would be answered too
  /// late. @returns whether it did
  bool refuses(exchange& ex, const queue_position& at, const fair_queue& queue,
               time_point now);

  /// Answers 503; `Retry-After` says how long the requests that wait will take.
  void overload(exchange& ex, const fair_queue& queue,
                std::string_view detail = {}) const;

  /// Whether something waits and no worker is free.
  [[nodiscard]] bool is_saturated() const noexcept {
    return meter_.is_saturated();
  }

  /// Notes how the queue is now. @param busy whether no worker is free
  void note(const fair_queue& queue, bool busy, time_point now);

  /// Notes that this many requests have ended while saturated.
  void ended(std::size_t n, time_point now) noexcept {
    meter_.ended(n, now);
  }

  /// Notes how long a call took that was alone in its worker.
  void took(duration x) noexcept {
    meter_.took(x);
  }

private:
  [[nodiscard]] bool has_too_many(exchange& ex, const queue_position& at);

  std::size_t max_per_client_ = 0;
  std::shared_ptr<admission> bound_;
  service_meter meter_;
  /// What clients have in work.
  std::unordered_map<std::string, std::shared_ptr<admission>> clients_;
  /// At this many, those that have nothing in work are forgotten.
  std::size_t forget_at_ = 64;
};

} // namespace troupe
