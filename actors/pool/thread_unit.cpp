#include "troupe/actors/pool/thread_unit.hpp"

#include "troupe/actors/runtime_scope.hpp"

namespace troupe {

namespace {

/// Messages of the thread's own actor until the others have their turn, to
/// which it may have sent something. One of a model with continuous batching
/// never runs out of them, and each is a step.
constexpr std::size_t own_throughput = 1;

/// The others only hand over. One may be the POOL of other workers, too, and
/// would be held up, with them, for as long as a `predict` takes.
constexpr std::size_t guest_throughput = 50;

/// For a thread whose owner did not stop it: its actors have ended by then.
constexpr std::chrono::seconds forgotten_end{10};

thread_local execution_unit* this_unit = nullptr;

} // namespace

execution_unit* thread_unit::current() noexcept {
  return this_unit;
}

/// What the thread works on: outlives the handle when a model does not return.
struct thread_unit::shared_state final : own_unit {
  explicit shared_state(caf::actor_system& sys) : own_unit(&sys) {
    // nop
  }

  struct jobs {
    /// Actors that an actor on this thread has sent to.
    std::deque<unit_job> guests;
    /// What lives on the thread; waits for all guests.
    std::deque<unit_job> own;

    [[nodiscard]] bool empty() const noexcept {
      return guests.empty() && own.empty();
    }
  };

  void exec_later(actor_job* job) override {
    add(&jobs::guests, job);
  }

  bool take(caf::scheduled_actor& to, caf::mailbox_element_ptr& x) override;

  void add(std::deque<unit_job> jobs::*where, actor_job* job);

  /// Runs one job. @pre there is one
  void run_next();

  /// A thread that is inside a model never comes back: its other jobs go to the
  /// scheduler.
  void leave_behind();

  std::mutex mutex;
  std::condition_variable wake_up;
  std::condition_variable ended_cv;
  jobs queue;
  bool asleep = false;
  bool stopping = false;
  bool ended = false;
  /// Only touched by the thread itself, until it is left behind.
  jobs local;
  actor_job* current = nullptr;
  std::thread::id id;
  return_gate gate;
};

thread_unit::thread_unit(caf::actor_system& sys)
  : own_unit(&sys), state_(std::make_shared<shared_state>(sys)) {
  std::unique_lock guard{state_->mutex};
  thread_ = std::thread{run, state_};
  state_->id = thread_.get_id();
}

thread_unit::~thread_unit() {
  if (!thread_.joinable())
    return;
  if (std::this_thread::get_id() == state_->id) {
    // The last reference was the actor's own: the thread ends after this.
    std::unique_lock guard{state_->mutex};
    state_->stopping = true;
    thread_.detach();
    return;
  }
  stop(forgotten_end);
}

void thread_unit::exec_later(actor_job* job) {
  state_->add(&shared_state::jobs::own, job);
}

bool thread_unit::shared_state::take(caf::scheduled_actor& to,
                                     caf::mailbox_element_ptr& x) {
  if (std::this_thread::get_id() != id)
    return false;
  runtime_pause ours;
  return claim_into(local.guests, to, x);
}

void thread_unit::shared_state::add(std::deque<unit_job> jobs::*where,
                                    actor_job* job) {
  if (std::this_thread::get_id() == id) {
    runtime_pause ours;
    (local.*where).push_back({job});
    return;
  }
  bool wake = false;
  {
    std::unique_lock guard{mutex};
    if (ended) {
      guard.unlock();
      run_on_scheduler(system(), {job});
      return;
    }
    (queue.*where).push_back({job});
    wake = std::exchange(asleep, false);
  }
  if (wake)
    wake_up.notify_one();
}

void thread_unit::shared_state::run_next() {
  const auto own = local.guests.empty();
  auto& from = own ? local.own : local.guests;
  auto job = std::move(from.front());
  from.pop_front();
  current = job.actor;
  if (run_job(*this, job, own ? own_throughput : guest_throughput))
    from.push_back(std::move(job));
  current = nullptr;
}

void thread_unit::shared_state::leave_behind() {
  if (!gate.close(gate.last_visit()))
    return;
  if (current != nullptr)
    forget_job(current);
  jobs rest;
  {
    std::unique_lock guard{mutex};
    ended = true;
    std::swap(rest, queue);
  }
  for (auto* from : {&rest.guests, &rest.own, &local.guests, &local.own})
    for (auto& job : std::exchange(*from, {}))
      run_on_scheduler(system(), std::move(job));
}

bool thread_unit::stop(std::chrono::milliseconds timeout) {
  if (!thread_.joinable())
    return true;
  bool ended = false;
  {
    std::unique_lock guard{state_->mutex};
    state_->stopping = true;
    state_->wake_up.notify_one();
    ended = state_->ended_cv.wait_for(guard, timeout,
                                      [this] { return state_->ended; });
  }
  if (ended) {
    thread_.join();
    return true;
  }
  state_->leave_behind();
  thread_.detach();
  return false;
}

void thread_unit::run(std::shared_ptr<shared_state> state) {
  this_unit = state.get();
  runtime_scope inside{nullptr, state->gate};
  auto& local = state->local;
  for (;;) {
    if (local.empty()) {
      std::unique_lock guard{state->mutex};
      while (state->queue.empty() && !state->stopping) {
        state->asleep = true;
        state->wake_up.wait(guard);
      }
      state->asleep = false;
      if (state->queue.empty())
        break;
      std::swap(local, state->queue);
    }
    state->run_next();
  }
  std::unique_lock guard{state->mutex};
  state->ended = true;
  state->ended_cv.notify_all();
}

} // namespace troupe
