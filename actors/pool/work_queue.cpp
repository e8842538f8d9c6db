#include "troupe/actors/pool/work_queue.hpp"

#include "troupe/actors/pool/drop.hpp"
#include "troupe/actors/pool/input_mark.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

/// How many inputs that workers die of are remembered at once.
constexpr std::size_t most_shunned = 64;

} // namespace

/// Refuses what waits, and from now on what comes.
void work_queue::refuse_waiting() {
  refusing_ = true;
  queue_.clear([](exchange& ex) { drop(ex, errc::draining); });
  bounds_.note(queue_, false, owner_.now());
}

void work_queue::fail(const std::string& why) {
  failed_ = why;
  queue_.clear([&why](exchange& ex) { drop(ex, errc::not_ready, why); });
  bounds_.note(queue_, false, owner_.now());
  check_drained();
}

void work_queue::shun(std::uint64_t mark, deadline_clock::duration how_long) {
  std::erase_if(shunned_, [&](const auto& x) { return x.mark == mark; });
  if (shunned_.size() == most_shunned)
    shunned_.erase(shunned_.begin());
  shunned_.push_back({mark, owner_.now() + how_long});
}

bool work_queue::is_shunned(const exchange& ex, time_point now) {
  if (shunned_.empty()) [[likely]]
    return false;
  std::erase_if(shunned_, [&](const auto& x) { return x.until <= now; });
  return std::any_of(shunned_.begin(), shunned_.end(), [&](const auto& x) {
    return has_mark(ex.request, x.mark);
  });
}

/// Tells how full it is. At the end of each change.
void work_queue::show_depth() noexcept {
  depth_->queued.store(queue_.size(), std::memory_order_relaxed);
  depth_->running.store(running_, std::memory_order_relaxed);
  if (wake_.pending() && !queue_.empty()) [[unlikely]]
    std::exchange(wake_, {}).deliver(atom::ready_v);
}

/// Answers what no worker may or can take.
bool work_queue::refused(exchange& ex, time_point now) {
  if (refusing_)
    drop(ex, errc::draining);
  else if (!failed_.empty())
    drop(ex, errc::not_ready, failed_);
  else if (is_shunned(ex, now))
    drop_shunned(ex);
  else
    return false;
  return true;
}

// -- drain --------------------------------------------------------------------

void work_queue::check_drained() {
  show_depth();
  if (drain_promises_.empty() || !queue_.empty())
    return;
  if (std::any_of(slots_.begin(), slots_.end(), [](const auto& s) {
        return std::any_of(s.running.begin(), s.running.end(), is_wanted);
      }))
    return;
  for (auto& promise : drain_promises_)
    promise.deliver(atom::drained_v);
  drain_promises_.clear();
}

void work_queue::drain(bool finish_queued,
                       caf::typed_response_promise<atom::drained> to) {
  if (!finish_queued)
    refuse_waiting();
  drain_promises_.push_back(std::move(to));
  check_drained();
}

void work_queue::cancel() {
  refuse_waiting();
  for (auto& slot : slots_)
    for (auto& ex : slot.running)
      ex->abandon(make_failure(errc::draining));
  check_drained();
}

// -- from the queue to workers ------------------------------------------------

void work_queue::put(exchange_ptr ex) {
  auto now = owner_.now();
  if (refused(*ex, now))
    return;
  ++taken_;
  const auto at = position_of(*ex, options_.order);
  if (bounds_.refuses(*ex, at, queue_, now))
    return;
  const auto above = ex->ticket.is_above();
  queue_.push({std::move(ex), now}, at);
  hand_out(now);
  if (above && queue_.has_fresh()) {
    bounds_.overload(*queue_.evict(at).ex, queue_);
    show_depth();
  }
}

void work_queue::sweep() {
  auto now = owner_.now();
  queue_.erase_if([&](exchange& ex) { return dropped(ex, now); });
  bounds_.note(queue_, idle_.empty() && has_takers(), now);
  check_drained();
}

void work_queue::arm_tick(time_point now) {
  if (tick_pending_ || queue_.empty() || !policy_.delays())
    return;
  tick_pending_ = true;
  auto due = policy_.closes_at(queue_.oldest());
  ++open_batch_.value;
  owner_.tick_later(std::max(due - now, deadline_clock::duration::zero()),
                    open_batch_);
}

void work_queue::tick(batch_number batch) {
  if (batch.value != open_batch_.value)
    return;
  tick_pending_ = false;
  hand_out();
}

/// Fills `next_batch_`, which is empty, with up to `n` exchanges that somebody
/// still waits for, for the worker of this place. An exchange whose worker died
/// runs alone: others in its batch would die with it, and the cause would stay
/// unknown.
void work_queue::take(std::size_t n, std::uint32_t index, time_point now) {
  while (next_batch_.size() < n && !queue_.empty()) {
    const auto is_retry = queue_.front().ex->in_pool.attempts > 0;
    if (is_retry && !next_batch_.empty())
      break;
    auto next = queue_.pop();
    auto& ex = next.ex;
    if (dropped(*ex, now))
      continue;
    ++ex->in_pool.attempts;
    // The threads of a spec's handlers are not workers of a model.
    if (options_.series != nullptr) {
      ex->facts.taken_by(index, now);
      options_.series->waited(now - next.since);
    }
    ex->start(now);
    next_batch_.push_back(std::move(ex));
    if (is_retry)
      break;
  }
}

/// Notes how much a place may be given now.
void work_queue::offer(std::uint32_t index) {
  if (const auto& x = slots_[index]; x.room > 0)
    idle_.put(index, x.load(), x.remote);
  else
    idle_.erase(index);
}

void work_queue::hand_out(time_point now) {
  while (!idle_.empty() && !queue_.empty()) {
    auto n = policy_.close(queue_.size(),
                           policy_.delays() ? queue_.oldest() : now, now);
    if (n == 0) {
      arm_tick(now);
      show_depth();
      return;
    }
    auto index = idle_.least();
    auto& slot = slots_[index];
    // With several calls open at once, each is one exchange.
    if (slot.remote)
      n = std::min<std::size_t>(n, slot.room);
    else if (slot.capacity > 1)
      n = 1;
    take(n, index, now);
    if (next_batch_.empty())
      continue;
    slot.since = now;
    slot.room -=
      slot.remote ? static_cast<std::uint32_t>(next_batch_.size()) : 1;
    offer(index);
    slot.running.insert(slot.running.end(), next_batch_.begin(),
                        next_batch_.end());
    running_ += next_batch_.size();
    if (options_.series != nullptr)
      options_.series->batch(next_batch_.size());
    if (next_batch_.size() == 1)
      owner_.send_one(slot.worker, std::move(next_batch_.front()));
    else
      owner_.send_batch(
        slot.worker,
        std::make_shared<std::vector<exchange_ptr>>(std::move(next_batch_)));
    next_batch_.clear();
  }
  bounds_.note(queue_, idle_.empty() && has_takers(), now);
  // The last that waited may have been dropped on the way.
  check_drained();
}

/// Reads the clock only when there is something to do.
void work_queue::hand_out() {
  if (!idle_.empty() && !queue_.empty())
    hand_out(owner_.now());
  else
    check_drained();
}

// -- workers come and go ------------------------------------------------------

void work_queue::join(const worker_offer& x) {
  const auto index = x.index.value;
  if (slots_.size() <= index)
    slots_.resize(index + 1);
  if (slots_[index].worker != nullptr)
    bury(index);
  failed_.clear();
  auto& slot = slots_[index];
  slot.worker = x.worker;
  slot.capacity = std::max(x.capacity, 1U);
  slot.remote = x.remote;
  slot.leaves = false;
  slot.last_calls = 0;
  slot.room = slot.capacity;
  raise_bound(slot);
  offer(index);
  hand_out();
}

void work_queue::idle(worker_index index) {
  auto& slot = slots_[index.value];
  // A report that crossed the worker's own death.
  if (slot.worker == nullptr)
    return;
  if (slot.leaves) {
    running_ -=
      std::erase_if(slot.running, [](const auto& ex) { return ex->ended(); });
    if (slot.last_calls > 0 && --slot.last_calls == 0)
      tell_retired(slot);
    check_drained();
    return;
  }
  // A worker that was thought lost is back.
  failed_.clear();
  if (bounds_.is_saturated())
    note_end(slot);
  if (slot.room < slot.capacity) {
    if (++slot.room == slot.capacity) {
      running_ -= slot.running.size();
      slot.running.clear();
    } else {
      running_ -=
        std::erase_if(slot.running, [](const auto& ex) { return ex->ended(); });
    }
    offer(index.value);
  }
  hand_out();
}

/// A call of the worker is over, while others wait.
void work_queue::note_end(const place& x) {
  const auto now = owner_.now();
  // Of several calls it is not known which one ended; a stream takes as long as
  // its reader does.
  const auto alone = x.capacity == 1 && !x.running.empty();
  if (alone && !x.running.front()->time.streams())
    bounds_.took(now - x.since);
  bounds_.ended(alone ? x.running.size() : 1, now);
}

void work_queue::leave(worker_index index) {
  if (index.value >= slots_.size())
    return;
  auto& slot = slots_[index.value];
  if (slot.leaves)
    return;
  lower_bound(slot);
  slot.last_calls = slot.worker != nullptr ? slot.load() : 0;
  // Full for ever: what it runs is still its own.
  slot.room = 0;
  slot.leaves = true;
  idle_.erase(index.value);
}

/// Empties the place of a worker that is gone; what it ran goes to `f`, unless
/// it is over.
template <class F>
void work_queue::vacate(std::uint32_t index, F f) {
  auto& slot = slots_[index];
  slot.worker = nullptr;
  slot.room = 0;
  tell_retired(slot);
  lower_bound(slot);
  idle_.erase(index);
  auto now = owner_.now();
  // From the back, so that what is tried again keeps its order.
  for (auto i = slot.running.rbegin(); i != slot.running.rend(); ++i)
    if (auto& ex = *i; ex->ended() || dropped(*ex, now))
      ex->ticket.release();
    else
      f(ex, now);
  running_ -= slot.running.size();
  slot.running.clear();
}

/// Puts an exchange back in front.
void work_queue::requeue(const exchange_ptr& ex, time_point now) {
  ex->facts.given_back();
  // It has had its delay: its next batch is due at once.
  queue_.push_front({ex, now - options_.batch.max_delay});
}

/// Answers or retries what a dead worker ran.
void work_queue::bury(std::uint32_t index) {
  vacate(index, [this](const exchange_ptr& ex, time_point now) {
    if (options_.idempotent && ex->in_pool.attempts < 2 && !ex->begun()
        && !refused(*ex, now))
      requeue(ex, now);
    else
      drop_dead(*ex);
  });
}

/// Answers what a dead worker ran.
void work_queue::drop_dead(exchange& ex) const {
  auto why = make_failure(errc::worker_died);
  why.status = options_.died_status;
  ex.abandon(std::move(why));
  ex.ticket.release();
}

void work_queue::reclaim(worker_index index) {
  if (index.value >= slots_.size() || slots_[index.value].worker == nullptr)
    return;
  vacate(index.value, [this](const exchange_ptr& ex, time_point now) {
    if (refused(*ex, now))
      return;
    // The model has never seen it.
    ex->in_pool.attempts = 0;
    requeue(ex, now);
  });
  hand_out();
}

void work_queue::reclaim(worker_index index, const exchange_ptr& ex) {
  if (index.value >= slots_.size()
      || std::erase(slots_[index.value].running, ex) == 0)
    return;
  --running_;
  const auto now = owner_.now();
  ++ex->in_pool.refusals;
  ex->in_pool.attempts = 0;
  if (!dropped(*ex, now) && !refused(*ex, now))
    requeue(ex, now);
  hand_out();
}

void work_queue::died(const caf::actor_addr& worker) {
  for (std::uint32_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].worker != nullptr && slots_[i].worker.address() == worker)
      bury(i);
  hand_out();
}

// -- status -------------------------------------------------------------------

pool_status work_queue::status() const {
  pool_status result;
  result.queued = queue_.size();
  result.idle_workers = idle_.size();
  result.taken = taken_;
  for (const auto& slot : slots_) {
    result.running += slot.running.size();
    result.workers += slot.worker != nullptr ? 1 : 0;
    if (slot.worker == nullptr || slot.remote || slot.leaves)
      continue;
    result.capacity += slot.capacity;
    result.calls += slot.load();
  }
  return result;
}

} // namespace troupe
