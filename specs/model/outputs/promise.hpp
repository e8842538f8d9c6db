#pragma once

#include "troupe/specs/model/context.hpp"
#include "troupe/specs/model/hook_events.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace troupe {

/// The answer of an asynchronous `predict`, given later and from any thread:
/// `write*`, then one of `finish` and `fail`. Copies are the same promise; the
/// last one dropped without an end fails the request with 500. What is given
/// is encoded on the worker's thread, in the order in which it was given, and
/// goes nowhere when the worker has died: its POOL answers then, or has the
/// request tried again.
template <class Out>
class promise {
public:
  /// How many items may wait for the worker's thread before `write` says
  /// `full`.
  static constexpr std::size_t most_waiting = 16;

  /// What a promise needs of its loop; each function runs on the worker's
  /// thread.
  struct output {
    std::function<void(exchange&, Out)> item;
    /// Ends the answer; after items it sends the last one.
    std::function<reply(exchange&, Out)> whole;
    std::function<void(exchange&, std::exception_ptr)> fail;
    /// The promise counts no longer against the worker's capacity.
    std::function<void()> release;
    worker_slot slot;
    /// The worker is gone.
    std::atomic<bool> closed{false};
  };

  promise(exchange_ptr ex, std::shared_ptr<const output> out)
    : state_(std::make_shared<shared>(std::move(ex), std::move(out))) {
    // nop
  }

  /// Sends an item of a stream. Never waits. After `full`, write again when
  /// `congested` is false: a producer that goes on fills the server's memory.
  flow write(Out item) {
    if (done())
      return flow::cancelled;
    state_->waiting.fetch_add(1, std::memory_order_relaxed);
    state_->post([s = state_, x = std::move(item)]() mutable {
      s->guarded([&] { s->out->item(*s->ex, std::move(x)); });
      s->waiting.fetch_sub(1, std::memory_order_relaxed);
    });
    return congested() ? flow::full : flow::ok;
  }

  /// Answers with the output; a stream gets it as its last item.
  void finish(Out last) {
    if (state_->end())
      state_->post([s = state_, x = std::move(last)]() mutable {
        s->guarded([&] {
          auto answer = s->out->whole(*s->ex, std::move(x));
          s->call.end();
          s->ex->finish(std::move(answer));
        });
      });
  }

  /// Ends a stream.
  void finish() {
    if (state_->end())
      state_->post([s = state_] {
        s->call.end();
        s->ex->finish();
      });
  }

  /// Fails with what was thrown, e.g. an `http_error`.
  void fail(std::exception_ptr why) {
    if (state_->end())
      state_->post([s = state_, why] { s->fail(why); });
  }

  /// Returns whether the answer was given, or nobody waits for it any more.
  [[nodiscard]] bool done() const noexcept {
    return state_->ex->ended() || cancelled();
  }

  /// Returns whether nobody waits for the answer any more, or the worker is
  /// gone.
  [[nodiscard]] bool cancelled() const noexcept {
    return state_->ex->cancelled() || state_->out->closed.load();
  }

  /// Returns whether the reader, or the worker's thread, must catch up first. A
  /// reader that was behind for too long is ended here
  /// (`slow_reader_timeout_ms`).
  [[nodiscard]] bool congested() const {
    return state_->waiting.load(std::memory_order_relaxed) >= most_waiting
           || (state_->ex->congested() && !state_->ex->end_if_too_slow());
  }

  /// Returns the context of the request; valid as long as the promise. Its
  /// `store` is shared with `encode_response`, which the worker's thread calls
  /// for what was given.
  [[nodiscard]] context ctx() const noexcept {
    return context{*state_->ex, &state_->out->slot};
  }

  /// Notes that `predict` threw, which is the answer. Called by the loop.
  void thrown() noexcept {
    state_->end();
    state_->call.end(true);
  }

private:
  struct shared {
    shared(exchange_ptr e, std::shared_ptr<const output> o)
      : ex(std::move(e)), out(std::move(o)), call(out->slot, ex) {
      // nop
    }

    shared(const shared&) = delete;
    shared& operator=(const shared&) = delete;

    ~shared() {
      call.end(!ended && !ex->cancelled());
      // On the worker's thread, because the request of a dead worker may be
      // tried again.
      post([e = ex, release = out->release] {
        e->fail(make_failure(errc::internal));
        release();
      });
    }

    void post(std::function<void()> f) const {
      out->slot.post(std::move(f));
    }

    /// @returns whether this call is the end.
    bool end() noexcept {
      return !ended.exchange(true);
    }

    void fail(const std::exception_ptr& why) {
      call.end(true);
      out->fail(*ex, why);
    }

    /// @throws worker_fatal
    template <class F>
    void guarded(F&& f) {
      if (ex->ended() || ex->cancelled())
        return;
      try {
        f();
      } catch (const worker_fatal&) {
        throw;
      } catch (...) {
        fail(std::current_exception());
      }
    }

    exchange_ptr ex;
    std::shared_ptr<const output> out;
    std::atomic<bool> ended{false};
    /// Items on their way to the worker's thread.
    std::atomic<std::size_t> waiting{0};
    /// Ended on the worker's thread, or with the last copy.
    open_predict call;
  };

  std::shared_ptr<shared> state_;
};

} // namespace troupe
