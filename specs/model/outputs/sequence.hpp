#pragma once

#include "troupe/specs/model/context.hpp"
#include "troupe/specs/model/hook_events.hpp"

#include <exception>
#include <functional>
#include <utility>

namespace troupe {

/// One live request of a model with continuous batching: what `admit` made of
/// it, and where its output goes. Lives from `admit` until it is finished,
/// failed or left by its client; then the state is destroyed, on the worker's
/// thread and between two steps.
template <class State, class Out>
class sequence {
public:
  /// What a sequence needs of the loop; outlives it.
  struct output {
    std::function<payload(exchange&, Out)> item;
    std::function<reply(exchange&, Out)> whole;
    std::function<void(exchange&, std::exception_ptr)> fail;
    const worker_slot* slot = nullptr;
  };

  /// @param call told of the end
  sequence(exchange_ptr ex, State state, const output& out,
           open_predict call = {})
    : exchange_(std::move(ex)),
      state_(std::move(state)),
      out_(&out),
      call_(std::move(call)) {
    // nop
  }

  sequence(sequence&&) noexcept = default;
  sequence& operator=(sequence&&) noexcept = default;

  [[nodiscard]] State& state() noexcept {
    return state_;
  }

  State* operator->() noexcept {
    return &state_;
  }

  /// Sends an item of a stream. Never waits, because other members are live:
  /// one whose reader is too slow is left out of the steps until the reader has
  /// caught up, and ended when that takes too long
  /// (`slow_reader_timeout_ms`).
  flow write(Out item) {
    if (done())
      return flow::cancelled;
    try {
      return exchange_->write(out_->item(*exchange_, std::move(item)));
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      fail(std::current_exception());
      return flow::cancelled;
    }
  }

  /// Ends the stream.
  void finish() {
    call_.end();
    exchange_->finish();
  }

  /// Ends with a last item, or, when none was sent, with a whole answer.
  void finish(Out last) {
    if (exchange_->begun()) {
      write(std::move(last));
      finish();
      return;
    }
    try {
      auto answer = out_->whole(*exchange_, std::move(last));
      call_.end();
      exchange_->finish(std::move(answer));
    } catch (const worker_fatal&) {
      throw;
    } catch (...) {
      fail(std::current_exception());
    }
  }

  /// Ends this member alone with what was thrown, e.g. an `http_error`.
  void fail(std::exception_ptr why) {
    call_.end(true);
    out_->fail(*exchange_, std::move(why));
  }

  /// Returns the context of the request; valid as long as the sequence.
  [[nodiscard]] context ctx() const noexcept {
    return context{*exchange_, out_->slot};
  }

  /// Returns whether it has ended or its client left; it is taken out before
  /// the next step.
  [[nodiscard]] bool done() const noexcept {
    return exchange_->ended() || exchange_->cancelled();
  }

  /// Notes that `step` broke the worker. Called by the loop.
  void thrown() noexcept {
    call_.end(true);
  }

  /// Ends what nobody waits for any more. Called by the loop, before it drops
  /// the sequence.
  void leave() {
    call_.end();
    exchange_->fail(make_failure(errc::cancelled));
  }

  /// Returns whether the reader must catch up first.
  [[nodiscard]] bool congested() const noexcept {
    return exchange_->congested();
  }

  /// Ends the stream of a reader who was behind for too long. Called by the
  /// loop.
  void end_if_too_slow() {
    exchange_->end_if_too_slow();
  }

private:
  exchange_ptr exchange_;
  State state_;
  const output* out_;
  open_predict call_;
};

} // namespace troupe
