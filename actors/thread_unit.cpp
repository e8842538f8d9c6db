#include "troupe/actors/thread_unit.hpp"

namespace troupe {

namespace {

/// Messages of an actor until the others have their turn, to which it may have
/// sent something. One of a model with continuous batching never runs out of
/// them, and each is a step.
constexpr std::size_t max_throughput = 1;

} // namespace

/// What the thread works on: outlives the handle when a model does not return.
struct thread_unit::shared_state final : caf::execution_unit {
  explicit shared_state(caf::actor_system& sys) : caf::execution_unit(&sys) {
    // nop
  }

  void exec_later(caf::resumable* job) override;

  std::mutex mutex;
  std::condition_variable wake_up;
  std::condition_variable ended_cv;
  std::deque<caf::resumable*> queue;
  bool asleep = false;
  bool stopping = false;
  bool ended = false;
  /// Only touched by the thread itself.
  std::deque<caf::resumable*> local;
  std::thread::id id;
};

thread_unit::thread_unit(caf::actor_system& sys)
  : caf::execution_unit(&sys), state_(std::make_shared<shared_state>(sys)) {
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
  stop(std::chrono::hours{1});
}

void thread_unit::exec_later(caf::resumable* job) {
  state_->exec_later(job);
}

void thread_unit::shared_state::exec_later(caf::resumable* job) {
  if (std::this_thread::get_id() == id) {
    local.push_back(job);
    return;
  }
  bool wake = false;
  {
    std::unique_lock guard{mutex};
    queue.push_back(job);
    wake = std::exchange(asleep, false);
  }
  if (wake)
    wake_up.notify_one();
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
  if (ended)
    thread_.join();
  else
    thread_.detach();
  return ended;
}

void thread_unit::run(std::shared_ptr<shared_state> state) {
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
      local.swap(state->queue);
    }
    auto* job = local.front();
    local.pop_front();
    switch (job->resume(state.get(), max_throughput)) {
      case caf::resumable::resume_later:
        local.push_back(job);
        break;
      default:
        caf::intrusive_ptr_release(job);
    }
  }
  std::unique_lock guard{state->mutex};
  state->ended = true;
  state->ended_cv.notify_all();
}

} // namespace troupe
