#pragma once

#include "troupe/specs/exchange.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace troupe {

/// The answer of an asynchronous `predict`, given later and from any thread:
/// `write*`, then one of `finish` and `fail`. Copies are the same promise; the
/// last one dropped without an end fails the request with 500. What is given
/// is encoded on the worker's thread, in the order in which it was given.
template <class Out>
class promise {
public:
  /// What a promise needs of its loop; each runs on the worker's thread.
  struct output {
    std::function<void(exchange&, Out)> item;
    std::function<void(exchange&, Out)> whole;
    std::function<void(exchange&, std::exception_ptr)> fail;
    /// The promise counts no longer against the worker's capacity.
    std::function<void()> release;
    /// Runs a function on the worker's thread; see `worker_slot::post`.
    std::function<void(std::function<void()>)> post;
  };

  promise(exchange_ptr ex, std::shared_ptr<const output> out)
    : state_(std::make_shared<shared>(std::move(ex), std::move(out))) {
    // nop
  }

  /// Sends an item of a stream. Never waits; who goes on although it returned
  /// `full` fills the server's memory.
  flow write(Out item) {
    if (done())
      return flow::cancelled;
    state_->out->post([s = state_, x = std::move(item)]() mutable {
      s->guarded([&] { s->out->item(*s->ex, std::move(x)); });
    });
    return state_->ex->congested() ? flow::full : flow::ok;
  }

  /// Answers with the output; a stream gets it as its last item.
  void finish(Out last) {
    if (state_->end())
      state_->out->post([s = state_, x = std::move(last)]() mutable {
        s->guarded([&] { s->out->whole(*s->ex, std::move(x)); });
      });
  }

  /// Ends a stream.
  void finish() {
    if (state_->end())
      state_->out->post([s = state_] { s->ex->finish(); });
  }

  /// Fails with what was thrown, e.g. an `http_error`.
  void fail(std::exception_ptr why) {
    if (state_->end())
      state_->out->post([s = state_, why] { s->out->fail(*s->ex, why); });
  }

  /// Returns whether the answer was given, or nobody waits for it any more.
  [[nodiscard]] bool done() const noexcept {
    return state_->ex->ended() || state_->ex->cancelled();
  }

  [[nodiscard]] bool cancelled() const noexcept {
    return state_->ex->cancelled();
  }

private:
  struct shared {
    shared(exchange_ptr e, std::shared_ptr<const output> o)
      : ex(std::move(e)), out(std::move(o)) {
      // nop
    }

    shared(const shared&) = delete;
    shared& operator=(const shared&) = delete;

    ~shared() {
      ex->fail(make_failure(errc::internal));
      out->post(out->release);
    }

    /// @returns whether this call is the end.
    bool end() noexcept {
      return !ended.exchange(true);
    }

    template <class F>
    void guarded(F&& f) {
      try {
        f();
      } catch (...) {
        out->fail(*ex, std::current_exception());
      }
    }

    exchange_ptr ex;
    std::shared_ptr<const output> out;
    std::atomic<bool> ended{false};
  };

  std::shared_ptr<shared> state_;
};

} // namespace troupe
