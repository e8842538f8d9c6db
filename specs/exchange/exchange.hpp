#pragma once

#include "troupe/specs/exchange/admission.hpp"
#include "troupe/specs/exchange/paced_sink.hpp"
#include "troupe/specs/exchange/pool_record.hpp"
#include "troupe/specs/exchange/request_facts.hpp"
#include "troupe/specs/exchange/span.hpp"
#include "troupe/specs/exchange/time_budget.hpp"
#include "troupe/specs/fwd.hpp"
#include "troupe/specs/values/request.hpp"

#include <algorithm>
#include <any>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace troupe {

/// Where a spec sends an exchange next: to the pool of a model. For the side
/// that waits for the answer.
struct handover {
  /// Of that model.
  time_limits limits = {};
  std::chrono::milliseconds heartbeat{0};
  /// Makes the model's pool drop what nobody wants any more. Callable on any
  /// thread; may be unset.
  std::function<void()> sweep = {};
};

/// One request and the place where its answer goes. Made by the front, by a
/// spec, or for an actor message; shared along the path and never copied.
///
/// Threads: the maker fills the public fields before it hands the exchange
/// on; from then on they are read only. `cancel`, `cancelled` and the sink's
/// members are safe from every thread.
class exchange : public paced_sink {
public:
  troupe::request request = {};

  /// The time that it has, and how much of it is used.
  time_budget time;

  /// What observers may know of it.
  request_facts facts = {};

  /// The trace that it belongs to, when somebody observes it.
  request_trace trace = {};

  /// `X-Request-Id`, or one of our own; in every log line.
  std::string request_id = {};

  /// Renders errors for this client; the endpoint's owner sets it.
  error_renderer render_error = render_detail;

  /// Which of the owner's endpoints was matched; the owner numbers them.
  std::uint32_t endpoint_index = 0;

  /// Which I/O thread read it, from 0: what runs inline stays there.
  std::uint32_t shard = 0;

  /// The place in the pool's bound; given back when the work is over.
  admission_ticket ticket = {};

  /// A spec made it, for one of its calls.
  bool through_spec = false;

  /// What the POOL that has it keeps of it.
  pool_record in_pool = {};

  /// What the hooks of a model keep for this request, see `context::store`.
  /// Used by one hook at a time.
  std::any store = {};

  /// Names it in a line of the log: by its id, and by its trace.
  [[nodiscard]] std::string log_name() const {
    return named_request(request_id, trace.context ? trace.context
                                                   : trace_of(request.headers));
  }

  /// From now on `f` renders failures, instead of `render_error`. Called at
  /// most once, by the code that runs the exchange; `render` may run meanwhile.
  void render_with(std::function<reply(const failure&)> f) {
    own_renderer_ = std::move(f);
    has_own_renderer_.store(true, std::memory_order_release);
  }

  /// Renders a failure as this client expects it. A renderer that throws makes
  /// it a plain 500; `thrown` takes what to log of that.
  [[nodiscard]] reply render(const failure& why, std::string& thrown) const {
    try {
      return has_own_renderer_.load(std::memory_order_acquire)
               ? own_renderer_(why)
               : render_error(why);
    } catch (...) {
      failure_from_current_exception(thrown);
      return render_detail(make_failure(errc::internal));
    }
  }

  /// Answers with `why`, unless answered, and tells the producer to stop. The
  /// end is taken first, so that a producer that stops at once does not win
  /// with a clean one. @returns whether `why` became the answer.
  bool abandon(failure why) {
    auto first = claim();
    cancel();
    if (first)
      do_fail(std::move(why));
    return first;
  }

  /// Tells the producer to stop; nobody waits for the answer any more. Called
  /// through `abandon` wherever an answer is still owed.
  virtual void cancel() noexcept {
    cancelled_.store(true, std::memory_order_release);
  }

  /// Returns whether the client left, the deadline passed or the server
  /// gave up on the exchange.
  [[nodiscard]] virtual bool cancelled() const noexcept {
    return cancelled_.load(std::memory_order_acquire);
  }

  /// Notes that a worker takes it now.
  virtual void start(deadline_clock::time_point now) noexcept {
    time.start(now);
  }

  /// Notes that it waits again, for a worker of a model, whose limits now hold,
  /// too. Called once, before the model can get it.
  virtual void hand_on(handover to) {
    time.hand_on(to.limits);
  }

  /// Notes that an item of a stream went out now.
  virtual void touch(deadline_clock::time_point now) noexcept {
    time.touch(now);
  }

  /// Returns whether the work has become useless: it need not begin or go on.
  [[nodiscard]] bool expired(deadline_clock::time_point now) const noexcept {
    return time.expired(now);
  }

private:
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> has_own_renderer_{false};
  /// Written before the flag, and read after it.
  std::function<reply(const failure&)> own_renderer_;
};

} // namespace troupe
