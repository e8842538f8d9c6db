#pragma once

#include "troupe/specs/exchange/exchange.hpp"

namespace troupe {

/// Notes that an item of a call goes on to another exchange now: how far it is,
/// and whether its producer may wait for the reader. Before the item is
/// written.
inline void note_item(exchange& call, const deadline_clock::time_point now,
                      exchange& to) {
  call.touch(now);
  call.facts.item(now);
  if (to.time.streams())
    call.time.begin_stream();
  to.waits = call.waits.load();
  to.company = call.company.load();
}

/// The exchange of a call that is done for another one: both have the same
/// reader, and this one need not go on when nobody waits for the other any
/// more.
class inner_exchange : public exchange {
public:
  /// @param outer lives as long as this
  explicit inner_exchange(exchange& outer) : outer_(outer) {
    request_id = outer.request_id;
    shard = outer.shard;
  }

  [[nodiscard]] bool congested() const noexcept override {
    return outer_.congested();
  }

  bool end_if_too_slow() override {
    return outer_.end_if_too_slow();
  }

  [[nodiscard]] bool cancelled() const noexcept override {
    return stopped() || outer_.cancelled() || outer_.ended();
  }

  /// Whether this call alone need not go on.
  [[nodiscard]] bool stopped() const noexcept {
    return exchange::cancelled();
  }

  /// Ends it without an answer: another one takes its place.
  void dismiss() noexcept {
    claim();
  }

protected:
  [[nodiscard]] exchange& outer() const noexcept {
    return outer_;
  }

private:
  exchange& outer_;
};

} // namespace troupe
