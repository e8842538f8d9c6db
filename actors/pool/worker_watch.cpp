#include "troupe/actors/pool/worker_watch.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

void worker_watch::enter(std::span<const exchange_ptr> batch,
                         const std::vector<exchange_ptr>& open) {
  std::unique_lock guard{mutex_};
  park_if_orphaned(guard);
  batch_ = batch;
  open_ = &open;
  inside_ = true;
  judged_ = true;
  ++calls_;
}

void worker_watch::enter() {
  std::unique_lock guard{mutex_};
  park_if_orphaned(guard);
  inside_ = true;
  judged_ = false;
  ++calls_;
}

bool worker_watch::leave() {
  std::unique_lock guard{mutex_};
  park_if_orphaned(guard);
  batch_ = {};
  open_ = nullptr;
  inside_ = false;
  return !replaced_;
}

worker_watch::call_id worker_watch::deserted() const {
  std::unique_lock guard{mutex_};
  return deserted_locked();
}

std::optional<deadline_clock::time_point> worker_watch::deserted_at() const {
  std::unique_lock guard{mutex_};
  if (deserted_locked() == 0)
    return std::nullopt;
  std::optional<deadline_clock::time_point> result;
  auto all_say = true;
  auto look_at = [&](const exchange_ptr& ex) {
    auto at = ex->facts.ended_at();
    all_say = all_say && at.has_value();
    if (at && (!result || *at > *result))
      result = at;
  };
  std::for_each(batch_.begin(), batch_.end(), look_at);
  std::for_each(open_->begin(), open_->end(), look_at);
  return all_say ? result : std::nullopt;
}

bool worker_watch::replace(call_id call) {
  std::unique_lock guard{mutex_};
  if (deserted_locked() != call || call == 0)
    return false;
  replaced_ = true;
  return true;
}

void worker_watch::cancel() {
  std::vector<exchange_ptr> running;
  {
    std::unique_lock guard{mutex_};
    running.assign(batch_.begin(), batch_.end());
    if (open_ != nullptr)
      running.insert(running.end(), open_->begin(), open_->end());
  }
  for (const auto& ex : running)
    ex->abandon(make_failure(errc::draining));
}

void worker_watch::orphan() {
  std::unique_lock guard{mutex_};
  orphaned_ = true;
}

worker_watch::glance worker_watch::look() const {
  std::unique_lock guard{mutex_};
  return {inside_, calls_};
}

bool worker_watch::replaced() const {
  std::unique_lock guard{mutex_};
  return replaced_;
}

worker_watch::call_id worker_watch::deserted_locked() const {
  if (!inside_ || !judged_ || replaced_)
    return 0;
  auto unwanted = [](const auto& ex) { return ex->ended() || ex->cancelled(); };
  if (std::all_of(batch_.begin(), batch_.end(), unwanted)
      && std::all_of(open_->begin(), open_->end(), unwanted))
    return calls_;
  return 0;
}

void worker_watch::park_if_orphaned(std::unique_lock<std::mutex>& guard) {
  while (orphaned_)
    never_.wait(guard);
}

void worker_watch::on_interrupt(std::function<void()> f) {
  std::unique_lock guard{interrupt_mutex_};
  interrupt_model_ = std::move(f);
  if (interrupted_ && interrupt_model_)
    interrupt_model_();
}

void worker_watch::interrupt() {
  // Under the lock, so that the model does not end meanwhile.
  std::unique_lock guard{interrupt_mutex_};
  interrupted_ = true;
  if (interrupt_model_)
    interrupt_model_();
}

} // namespace troupe
