#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pool/batch_policy.hpp"
#include "troupe/actors/pool/fair_queue.hpp"
#include "troupe/actors/pool/idle_slots.hpp"
#include "troupe/actors/pool/queue_bounds.hpp"
#include "troupe/actors/pool/queue_position.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A queue of exchanges and the workers that take them: what POOL and SPEC
/// share. Belongs to one actor, whose clock it uses and for which it sends.
class work_queue {
public:
  using time_point = deadline_clock::time_point;

  struct options {
    batch_options batch = {};
    /// Exchanges of a dead worker are tried once more.
    bool idempotent = false;
    /// What is answered when the worker died, an HTTP status.
    int died_status = 500;
    /// The bound in front of the queue; null for none. It has a full batch of
    /// each worker in it; a worker that takes more raises it while it is there.
    std::shared_ptr<troupe::admission> admission = {};
    /// Who is served before whom.
    queue_options order = {};
    /// What is counted of the model; null for the handlers of a spec.
    model_series* series = nullptr;
  };

  /// What the owner does for it.
  struct owner {
    std::function<time_point()> now;
    std::function<void(const worker_actor&, exchange_ptr)> send_one;
    std::function<void(const worker_actor&, batch_ptr)> send_batch;
    /// Calls `tick` after a while. Unset where batches never wait.
    std::function<void(deadline_clock::duration, batch_number)> tick_later;
  };

  work_queue() = default;

  work_queue(options opts, owner who)
    : options_(std::move(opts)),
      policy_(options_.batch),
      owner_(std::move(who)),
      bounds_(options_.order, options_.admission) {
    if (options_.series != nullptr)
      depth_ = options_.series->new_queue();
  }

  /// Takes an exchange; it is refused after `drain(false)`, `cancel` and
  /// `fail`, when it is shunned, when its client has as many as it may, and
  /// when it would wait for longer than it may, as far as is known. One above
  /// the bound takes the place of another one, or is refused.
  void put(exchange_ptr ex);

  /// Takes a worker into its place. The caller watches it.
  void join(const worker_offer& x);

  /// A call of the worker is over.
  void idle(worker_index index);

  /// The worker has ended, if it is one of this queue: what it ran is answered
  /// or tried once more.
  void died(const caf::actor_addr& worker);

  /// Gives the worker of this place nothing more.
  void leave(worker_index index);

  /// The same for a worker that is here; answers the promise when its last call
  /// is over, or when it has ended.
  void retire(worker_index index,
              caf::typed_response_promise<atom::drained> to);

  /// The worker of this place was replaced while it was in its model: takes
  /// back what the model has not begun.
  void reclaim(worker_index index);

  /// The worker of this place gives back an exchange that it has not begun. One
  /// that it does not have is ignored.
  void reclaim(worker_index index, const exchange_ptr& ex);

  /// No worker is left: refuses with this detail what waits, and what comes
  /// until there is a worker again. Work that runs is finished.
  void fail(const std::string& why);

  /// Refuses inputs with this mark (`input_mark`) for a while: workers die of
  /// them.
  void shun(std::uint64_t mark, deadline_clock::duration how_long);

  /// Drops what waits and was cancelled or has expired.
  void sweep();

  /// The delay of this batch is over.
  void tick(batch_number batch);

  [[nodiscard]] pool_status status() const;

  /// Answers the promise as soon as something waits.
  void wake(caf::typed_response_promise<atom::ready> to);

  /// Answers the promise when nothing waits or runs.
  void drain(bool finish_queued, caf::typed_response_promise<atom::drained> to);

  /// Fails what waits and tells what runs to stop.
  void cancel();

private:
  /// One worker's place. The exchanges it runs stay here until it reports
  /// idle, so that its death leaves nobody without an answer.
  struct place {
    worker_actor worker = {};
    std::vector<exchange_ptr> running = {};
    /// When it was given what it runs.
    time_point since = {};
    /// Calls that it may be given now.
    std::uint32_t room = 0;
    /// Calls that it takes at once.
    std::uint32_t capacity = 1;
    /// See `worker_offer::remote`.
    bool remote = false;
    /// It is given nothing more.
    bool leaves = false;

    [[nodiscard]] std::uint32_t load() const noexcept {
      return capacity - room;
    }
    /// By how much it raised the bound.
    std::size_t raised = 0;
    /// With `leaves`: its calls that are not over.
    std::uint32_t last_calls = 0;
    /// Whom to tell when they are.
    caf::typed_response_promise<atom::drained> retired = {};
  };

  struct shunned_input {
    std::uint64_t mark;
    time_point until;
  };

  void show_depth() noexcept;
  void refuse_waiting();
  [[nodiscard]] bool is_shunned(const exchange& ex, time_point now);
  [[nodiscard]] bool refused(exchange& ex, time_point now);
  void note_end(const place& x);
  void check_drained();
  void arm_tick(time_point now);
  void take(std::size_t n, std::uint32_t index, time_point now);
  void hand_out(time_point now);
  void hand_out();
  void offer(std::uint32_t index);
  void raise_bound(place& x);
  void lower_bound(place& x);
  template <class F>
  void vacate(std::uint32_t index, F f);
  void requeue(const exchange_ptr& ex, time_point now);
  void bury(std::uint32_t index);
  static void tell_retired(place& x);
  [[nodiscard]] bool has_takers() const noexcept;
  void drop_dead(exchange& ex) const;

  options options_;
  batch_policy policy_{batch_options{}};
  owner owner_;
  fair_queue queue_;
  queue_bounds bounds_;
  std::vector<place> slots_;
  /// Those that may be given more.
  idle_slots idle_;
  /// On their way from the queue to a worker; empty between two of them.
  std::vector<exchange_ptr> next_batch_;
  /// Numbers the open batch; a tick for an older one is stale.
  batch_number open_batch_;
  /// How many exchanges workers have.
  std::size_t running_ = 0;
  std::shared_ptr<queue_depth> depth_ = std::make_shared<queue_depth>();
  bool tick_pending_ = false;
  bool refusing_ = false;
  /// Why there is no worker and will be none for a while, as clients read it;
  /// empty while there may be one.
  std::string failed_;
  std::vector<shunned_input> shunned_;
  std::vector<caf::typed_response_promise<atom::drained>> drain_promises_;
  /// How many were put so far.
  std::uint64_t taken_ = 0;
  /// Whom to tell when something waits.
  caf::typed_response_promise<atom::ready> wake_ = {};
};

inline void work_queue::wake(caf::typed_response_promise<atom::ready> to) {
  wake_ = std::move(to);
  show_depth();
}

/// Whether a worker is there that is given more. Without any, nothing can be
/// said about how fast the queue gets shorter.
inline bool work_queue::has_takers() const noexcept {
  return std::any_of(slots_.begin(), slots_.end(), [](const place& x) {
    return x.worker != nullptr && !x.leaves;
  });
}

inline void work_queue::retire(worker_index index,
                               caf::typed_response_promise<atom::drained> to) {
  leave(index);
  if (index.value < slots_.size() && slots_[index.value].last_calls > 0)
    slots_[index.value].retired = std::move(to);
  else
    to.deliver(atom::drained_v);
}

/// Answers the promise for the end of the worker's calls, if there is one.
inline void work_queue::tell_retired(place& x) {
  x.last_calls = 0;
  if (auto to = std::exchange(x.retired, {}); to.pending())
    to.deliver(atom::drained_v);
}

/// Lets in what a worker takes beyond a batch. The bound has the batches of the
/// workers that are here.
inline void work_queue::raise_bound(place& x) {
  auto batch = x.remote ? 0 : options_.batch.max_size;
  x.raised = x.capacity > batch ? x.capacity - batch : 0;
  if (options_.admission != nullptr)
    options_.admission->grow(x.raised);
}

inline void work_queue::lower_bound(place& x) {
  if (options_.admission != nullptr)
    options_.admission->shrink(x.raised);
  x.raised = 0;
}

/// Returns what an actor lends to its queue. Batches that wait need
/// `tick_later`, too.
template <class Self>
work_queue::owner owner_of(Self* self) {
  work_queue::owner result;
  result.now = [self] { return self->clock().now(); };
  result.send_one = [self](const worker_actor& to, exchange_ptr ex) {
    tell_from(self, to, std::move(ex));
  };
  result.send_batch = [self](const worker_actor& to, batch_ptr batch) {
    tell_from(self, to, std::move(batch));
  };
  return result;
}

} // namespace troupe
