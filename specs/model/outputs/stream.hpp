#pragma once

#include "troupe/specs/exchange/reply_sink.hpp"
#include "troupe/specs/model/context.hpp"

#include <exception>
#include <functional>
#include <utility>

namespace troupe {

/// Where a streaming `predict` puts its items: one for a request, or one for
/// each member of a batch. Valid during the call, used by the calling thread
/// only. What is not ended when `predict` returns is finished; when it throws,
/// what is not ended fails.
template <class Out>
class stream {
public:
  using encode_function = std::function<payload(Out)>;
  using fail_function = std::function<void(std::exception_ptr)>;

  stream(exchange& ex, encode_function encode, fail_function fail)
    : exchange_(&ex), encode_(std::move(encode)), fail_(std::move(fail)) {
    // nop
  }

  stream(stream&&) noexcept = default;
  stream& operator=(stream&&) noexcept = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Sends an item; waits while the client reads too slowly, in all no longer
  /// than `slow_reader_timeout_ms`, then the stream is ended. An item that
  /// cannot be encoded ends this stream alone.
  /// @returns false when nobody reads any more: go on with other members, or
  ///          return from `predict`.
  bool write(Out item) {
    if (done())
      return false;
    try {
      return exchange_->write(encode_(std::move(item))) != flow::cancelled;
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      fail(std::current_exception());
      return false;
    }
  }

  /// Ends this member before the others.
  void finish() {
    exchange_->finish();
  }

  /// Ends this member with what was thrown, e.g. an `http_error`; the others
  /// go on.
  void fail(std::exception_ptr why) {
    fail_(std::move(why));
  }

  /// Returns whether the member was ended, here or by its client.
  [[nodiscard]] bool done() const noexcept {
    return exchange_->ended() || exchange_->cancelled();
  }

  [[nodiscard]] bool cancelled() const noexcept {
    return exchange_->cancelled();
  }

private:
  exchange* exchange_;
  encode_function encode_;
  fail_function fail_;
};

} // namespace troupe
