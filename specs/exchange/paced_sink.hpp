#pragma once

#include "troupe/specs/exchange/reply_sink.hpp"

#include <atomic>
#include <cstdint>

namespace troupe {

/// A sink whose reader may be slower than its producer, and the producer's
/// wishes about what reaches the reader. Safe from every thread, except where a
/// member says when it is to be set.
class paced_sink : public reply_sink {
public:
  /// Whether a write may wait for a slow reader. A loop that has other members
  /// to serve says no, before the first write, and asks `congested`.
  std::atomic<bool> waits{true};

  /// How many requests its worker serves by the same call: a wait for one
  /// reader holds all of them up, and is the shorter for it. Set before the
  /// first write.
  std::atomic<std::uint32_t> company{1};

  /// The items are server-sent events, whatever the client accepts. Called
  /// before the first write.
  virtual void prefer_events() {
    // nop
  }

  /// Returns whether the client is behind: more waits for it than its buffer is
  /// meant to hold. Write no more until this is false again.
  [[nodiscard]] virtual bool congested() const noexcept {
    return false;
  }

  /// Whether a whole answer that is JSON may come as text, as
  /// `payload::json_text` or bytes of `application/json`: it is sent and nobody
  /// looks into it. A last item behind others is a document, as all items are.
  [[nodiscard]] virtual bool takes_json_text() const noexcept {
    return false;
  }

  /// Ends the stream if its reader was behind for longer than it may, all times
  /// together. For those that never wait in `write`: it keeps a place that
  /// other requests could use.
  /// @returns whether it did
  virtual bool end_if_too_slow() {
    return false;
  }
};

} // namespace troupe
