#pragma once

#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/reply.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// What a producer should do after a write.
enum class flow : std::uint8_t {
  /// The consumer keeps up.
  ok,
  /// More is buffered than the consumer takes; `write` has waited or the
  /// producer may pause.
  full,
  /// Nobody reads any more: stop.
  cancelled,
};

/// Where an answer goes: `write*`, then exactly one of `finish` and `fail`.
/// Every member may be called from any thread, but the writes of one producer
/// come in order. A second end is ignored and reported by `false`.
///
/// A sink cannot be forgotten: `make_sink` (the only way to make one)
/// wraps it so that destroying it unanswered fails it with `errc::internal`.
class reply_sink {
public:
  virtual ~reply_sink() = default;

  reply_sink() = default;
  reply_sink(const reply_sink&) = delete;
  reply_sink& operator=(const reply_sink&) = delete;

  /// Sends one item of a stream. The first write fixes the status line.
  flow write(payload item) {
    if (ended_.load(std::memory_order_acquire))
      return flow::cancelled;
    begun_.store(true, std::memory_order_relaxed);
    return do_write(std::move(item));
  }

  /// Sends an item that is whole server-sent events already. The text is not
  /// needed after the call.
  flow write_events(std::string_view text) {
    if (ended_.load(std::memory_order_acquire))
      return flow::cancelled;
    begun_.store(true, std::memory_order_relaxed);
    return do_write_events(text);
  }

  /// Ends with a whole answer, or, after writes, ends the stream (the
  /// answer's body must then be empty).
  /// @returns whether this call ended the exchange.
  bool finish(reply answer = {}) {
    if (!claim())
      return false;
    do_finish(std::move(answer));
    return true;
  }

  /// Ends with a failure. Before the first write the client gets its status,
  /// afterwards an in-band record and an aborted body.
  /// @returns whether this call ended the exchange.
  bool fail(failure why) {
    if (!claim())
      return false;
    do_fail(std::move(why));
    return true;
  }

  /// Returns whether a part of the answer may have reached the client.
  [[nodiscard]] bool begun() const noexcept {
    return begun_.load(std::memory_order_relaxed);
  }

  /// Returns whether `finish` or `fail` was called.
  [[nodiscard]] bool ended() const noexcept {
    return ended_.load(std::memory_order_acquire);
  }

protected:
  /// Takes the end for this caller, who then calls `do_finish` or `do_fail`.
  /// @returns false when somebody else has it.
  bool claim() noexcept {
    return !ended_.exchange(true, std::memory_order_acq_rel);
  }

  virtual flow do_write(payload item) = 0;

  /// The default makes an item of them.
  virtual flow do_write_events(std::string_view text) {
    return do_write(payload{std::string{text}, "text/event-stream"});
  }

  virtual void do_finish(reply answer) = 0;
  virtual void do_fail(failure why) = 0;

private:
  std::atomic<bool> begun_{false};
  std::atomic<bool> ended_{false};
};

/// The last stage of every concrete sink; see `reply_sink`.
template <class Sink>
class unforgettable final : public Sink {
public:
  using Sink::Sink;

  ~unforgettable() override {
    if (!this->ended())
      this->fail(make_failure(errc::internal));
  }
};

/// Makes a sink that answers 500 when it is dropped unanswered.
template <class Sink, class... Ts>
std::shared_ptr<Sink> make_sink(Ts&&... xs) {
  return std::make_shared<unforgettable<Sink>>(std::forward<Ts>(xs)...);
}

} // namespace troupe
