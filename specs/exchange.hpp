#pragma once

#include "troupe/specs/admission.hpp"
#include "troupe/specs/fwd.hpp"
#include "troupe/specs/reply_sink.hpp"
#include "troupe/specs/request.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace troupe {

/// The clock of deadlines: monotonic, so that a change of the wall clock
/// never expires a request.
using deadline_clock = std::chrono::steady_clock;

/// One request and the place where its answer goes. Made by the front, by a
/// spec, or for an actor message; shared along the path and never copied.
///
/// Threads: the maker fills the public fields before it hands the exchange
/// on; from then on they are read only. `cancel`, `cancelled` and the sink's
/// members are safe from every thread.
class exchange : public reply_sink {
public:
  troupe::request request = {};

  /// When the client stops waiting; `max()` means never. Covers queue and
  /// execution.
  deadline_clock::time_point deadline = deadline_clock::time_point::max();

  /// When the exchange was made.
  deadline_clock::time_point created = {};

  /// `X-Request-Id`, or one of our own; in every log line.
  std::string request_id = {};

  /// How errors look to this client; the endpoint's owner says.
  error_renderer render_error = render_detail;

  /// Which of the owner's endpoints was matched; the owner numbers them.
  std::uint32_t endpoint_index = 0;

  /// The place in the pool's bound; given back when the work is over.
  admission_ticket ticket = {};

  /// How many workers have had it; written by its POOL only.
  std::uint8_t attempts = 0;

  /// Tells the producer to stop; nobody waits for the answer any more.
  virtual void cancel() noexcept {
    cancelled_.store(true, std::memory_order_release);
  }

  /// Returns whether the client left, the deadline passed or the server
  /// gave up on the exchange.
  [[nodiscard]] virtual bool cancelled() const noexcept {
    return cancelled_.load(std::memory_order_acquire);
  }

  /// Returns whether the work need not begin any more.
  [[nodiscard]] bool expired(deadline_clock::time_point now) const noexcept {
    return now >= deadline;
  }

private:
  std::atomic<bool> cancelled_{false};
};

} // namespace troupe
