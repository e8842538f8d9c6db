#pragma once

#include "troupe/specs/context.hpp"
#include "troupe/specs/reply_sink.hpp"

#include <functional>
#include <utility>

namespace troupe {

/// Where a streaming `predict` puts its items. Valid during the call, used by
/// the calling thread only.
template <class Out>
class stream {
public:
  using encode_function = std::function<payload(Out)>;

  stream(exchange& ex, encode_function encode)
    : exchange_(&ex), encode_(std::move(encode)) {
    // nop
  }

  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Sends an item; waits while the client reads too slowly.
  /// @returns false when nobody reads any more: return from `predict`.
  bool write(Out item) {
    if (exchange_->cancelled())
      return false;
    return exchange_->write(encode_(std::move(item))) != flow::cancelled;
  }

  [[nodiscard]] bool cancelled() const noexcept {
    return exchange_->cancelled();
  }

private:
  exchange* exchange_;
  encode_function encode_;
};

} // namespace troupe
