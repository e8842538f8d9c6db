#include "troupe/actors/pool/pool.hpp"

#include "troupe/actors/pool/input_mark.hpp"

#include <algorithm>

namespace troupe {

namespace {

using pool_pointer = pool_actor::stateful_pointer<pool_state>;

// -- answers that no worker gives ---------------------------------------------

void drop(exchange& ex, errc code, std::string_view detail = {}) {
  ex.abandon(make_failure(code, detail));
  ex.ticket.release();
}

/// Drops the exchange if nobody wants its answer any more.
bool dropped(exchange& ex, deadline_clock::time_point now) {
  if (ex.cancelled()) {
    drop(ex, errc::cancelled);
    return true;
  }
  if (ex.expired(now)) {
    drop(ex, errc::deadline_exceeded);
    return true;
  }
  return false;
}

/// Refuses what waits, and from now on what comes.
void refuse_waiting(pool_state& st) {
  st.refusing = true;
  for (auto& w : st.queue)
    drop(*w.ex, errc::draining);
  st.queue.clear();
}

/// How many inputs are known at once of which workers die.
constexpr std::size_t most_shunned = 64;

void shun(pool_state& st, std::uint64_t mark,
          deadline_clock::time_point until) {
  std::erase_if(st.shunned, [&](const auto& x) { return x.mark == mark; });
  if (st.shunned.size() == most_shunned)
    st.shunned.erase(st.shunned.begin());
  st.shunned.push_back({mark, until});
}

bool is_shunned(pool_state& st, const exchange& ex,
                deadline_clock::time_point now) {
  if (st.shunned.empty()) [[likely]]
    return false;
  std::erase_if(st.shunned, [&](const auto& x) { return x.until <= now; });
  return std::any_of(st.shunned.begin(), st.shunned.end(), [&](const auto& x) {
    return has_mark(ex.request, x.mark);
  });
}

/// Answers what no worker may or can take.
bool refused(pool_state& st, exchange& ex, deadline_clock::time_point now) {
  if (st.refusing)
    drop(ex, errc::draining);
  else if (!st.failed.empty())
    drop(ex, errc::not_ready, st.failed);
  else if (is_shunned(st, ex, now))
    drop(ex, errc::worker_died,
         "Workers died of this input; it is not tried again for a while");
  else
    return false;
  return true;
}

/// Refuses what waits, and what comes until a worker is there.
void fail(pool_state& st, const std::string& why) {
  st.failed = why;
  for (auto& w : st.queue)
    drop(*w.ex, errc::not_ready, why);
  st.queue.clear();
}

// -- drain --------------------------------------------------------------------

/// Whether somebody waits for what a worker does. What has been answered needs
/// no drain, even if its worker does not come back.
bool is_wanted(const exchange_ptr& ex) {
  return !ex->ended() && !ex->cancelled();
}

void check_drained(pool_state& st) {
  if (st.drain_promises.empty() || !st.queue.empty())
    return;
  if (std::any_of(st.slots.begin(), st.slots.end(), [](const auto& s) {
        return std::any_of(s.running.begin(), s.running.end(), is_wanted);
      }))
    return;
  for (auto& promise : st.drain_promises)
    promise.deliver(atom::drained_v);
  st.drain_promises.clear();
}

// -- from the queue to workers ------------------------------------------------

void arm_tick(pool_pointer self, deadline_clock::time_point now) {
  auto& st = self->state;
  if (st.tick_pending || st.queue.empty() || !st.policy.delays())
    return;
  st.tick_pending = true;
  auto due = st.policy.closes_at(st.queue.front().since);
  auto delay = std::max(due - now, deadline_clock::duration::zero());
  tell_later(self, delay, atom::tick_v, ++st.open_batch);
}

/// Takes up to `n` exchanges that somebody still waits for. One whose worker
/// died has no company: its mates would die with it, and it would not be known
/// which of them was the cause.
std::vector<exchange_ptr> take(pool_state& st, std::size_t n,
                               deadline_clock::time_point now) {
  std::vector<exchange_ptr> result;
  while (result.size() < n && !st.queue.empty()) {
    const auto is_retry = st.queue.front().ex->attempts > 0;
    if (is_retry && !result.empty())
      break;
    auto ex = std::move(st.queue.front().ex);
    st.queue.pop_front();
    if (dropped(*ex, now))
      continue;
    ++ex->attempts;
    ex->start(now);
    result.push_back(std::move(ex));
    if (is_retry)
      break;
  }
  return result;
}

/// Returns the slot with the most room; of equal ones the one used last.
std::uint32_t pick(const pool_state& st) {
  auto result = st.idle.back();
  for (auto i = st.idle.rbegin(); i != st.idle.rend(); ++i)
    if (st.slots[*i].room > st.slots[result].room)
      result = *i;
  return result;
}

void hand_out(pool_pointer self, deadline_clock::time_point now) {
  auto& st = self->state;
  while (!st.idle.empty() && !st.queue.empty()) {
    auto n = st.policy.close(st.queue.size(), st.queue.front().since, now);
    if (n == 0) {
      arm_tick(self, now);
      return;
    }
    auto index = pick(st);
    auto& slot = st.slots[index];
    // With several calls open at once, each is one exchange.
    auto batch = take(st, slot.capacity > 1 ? 1 : n, now);
    if (batch.empty())
      continue;
    if (--slot.room == 0)
      std::erase(st.idle, index);
    slot.running.insert(slot.running.end(), batch.begin(), batch.end());
    if (batch.size() == 1)
      tell_from(self, slot.worker, std::move(batch.front()));
    else
      tell_from(self, slot.worker,
                std::make_shared<std::vector<exchange_ptr>>(std::move(batch)));
  }
  // The last that waited may have been dropped on the way.
  check_drained(st);
}

// -- workers come and go ------------------------------------------------------

/// A call of the worker is over.
void set_idle(pool_state& st, std::uint32_t index) {
  auto& slot = st.slots[index];
  if (slot.room == slot.capacity)
    return;
  if (++slot.room == slot.capacity)
    slot.running.clear();
  else
    std::erase_if(slot.running, [](const auto& ex) { return ex->ended(); });
  if (slot.room == 1)
    st.idle.push_back(index);
}

/// As the other; what has nothing to do need not know the time.
void hand_out(pool_pointer self) {
  auto& st = self->state;
  if (!st.idle.empty() && !st.queue.empty())
    hand_out(self, self->clock().now());
  else
    check_drained(st);
}

/// Lets in what a worker takes beyond a batch.
void raise_bound(pool_state& st, pool_state::slot& slot) {
  auto batch = st.options.batch.max_size;
  slot.raised = slot.capacity > batch ? slot.capacity - batch : 0;
  if (st.options.gate != nullptr)
    st.options.gate->grow(slot.raised);
}

void lower_bound(pool_state& st, pool_state::slot& slot) {
  if (st.options.gate != nullptr)
    st.options.gate->shrink(slot.raised);
  slot.raised = 0;
}

/// Empties the slot of a worker that is gone; what it ran goes to `f`, unless
/// it is over.
template <class F>
void vacate(pool_pointer self, std::uint32_t index, F f) {
  auto& st = self->state;
  auto& slot = st.slots[index];
  slot.worker = nullptr;
  slot.room = 0;
  lower_bound(st, slot);
  std::erase(st.idle, index);
  auto now = self->clock().now();
  // From the back, so that what is tried again keeps its order.
  for (auto i = slot.running.rbegin(); i != slot.running.rend(); ++i)
    if (auto& ex = *i; ex->ended() || dropped(*ex, now))
      ex->ticket.release();
    else
      f(ex, now);
  slot.running.clear();
}

/// Puts an exchange back in front.
void requeue(pool_state& st, const exchange_ptr& ex,
             deadline_clock::time_point now) {
  // It has had its delay: its next batch is due at once.
  st.queue.push_front({ex, now - st.options.batch.max_delay});
}

/// Answers or retries what a dead worker ran.
void bury(pool_pointer self, std::uint32_t index) {
  auto& st = self->state;
  vacate(self, index, [&](auto& ex, auto now) {
    if (st.options.idempotent && ex->attempts < 2 && !ex->begun()
        && !refused(st, *ex, now))
      requeue(st, ex, now);
    else
      drop(*ex, errc::worker_died);
  });
}

/// Takes back what a replaced worker has not begun: whatever was in its model
/// has been answered.
void reclaim(pool_pointer self, std::uint32_t index) {
  auto& st = self->state;
  if (index >= st.slots.size() || st.slots[index].worker == nullptr)
    return;
  vacate(self, index, [&](auto& ex, auto now) {
    if (refused(st, *ex, now))
      return;
    // The model has never seen it.
    ex->attempts = 0;
    requeue(st, ex, now);
  });
}

} // namespace

pool_actor::behavior_type pool(pool_pointer self, pool_options options) {
  self->state.policy = batch_policy{options.batch};
  self->state.options = std::move(options);
  self->set_down_handler([self](caf::down_msg& dm) {
    auto& slots = self->state.slots;
    for (std::uint32_t i = 0; i < slots.size(); ++i)
      if (slots[i].worker != nullptr && slots[i].worker.address() == dm.source)
        bury(self, i);
    hand_out(self);
    check_drained(self->state);
  });
  return {
    [self](exchange_ptr& ex) {
      auto& st = self->state;
      auto now = self->clock().now();
      if (refused(st, *ex, now))
        return;
      st.queue.push_back({std::move(ex), now});
      hand_out(self, now);
    },
    [self](atom::join, std::uint32_t index, const worker_actor& worker,
           std::uint32_t capacity) {
      auto& st = self->state;
      if (st.slots.size() <= index)
        st.slots.resize(index + 1);
      if (st.slots[index].worker != nullptr)
        bury(self, index);
      st.failed.clear();
      st.slots[index].worker = worker;
      self->monitor(worker);
      st.slots[index].capacity = std::max(capacity, 1U);
      st.slots[index].room = st.slots[index].capacity;
      raise_bound(st, st.slots[index]);
      st.idle.push_back(index);
      hand_out(self);
    },
    [self](atom::idle, std::uint32_t index) {
      auto& st = self->state;
      // A report that crossed the worker's own death.
      if (st.slots[index].worker == nullptr)
        return;
      // One that was thought lost is back.
      st.failed.clear();
      set_idle(st, index);
      hand_out(self);
      check_drained(st);
    },
    [self](atom::sweep) {
      auto& st = self->state;
      auto now = self->clock().now();
      std::erase_if(st.queue, [&](auto& w) { return dropped(*w.ex, now); });
      check_drained(st);
    },
    [self](atom::tick, std::uint64_t batch) {
      auto& st = self->state;
      if (batch != st.open_batch)
        return;
      st.tick_pending = false;
      hand_out(self);
    },
    [self](atom::status) {
      auto& st = self->state;
      pool_status result;
      result.queued = st.queue.size();
      result.idle_workers = st.idle.size();
      for (const auto& slot : st.slots) {
        result.running += slot.running.size();
        result.workers += slot.worker != nullptr ? 1 : 0;
      }
      return result;
    },
    [self](atom::drain, bool finish_queued) -> caf::result<atom::drained> {
      auto& st = self->state;
      if (!finish_queued) {
        refuse_waiting(st);
      }
      auto promise = self->make_response_promise<atom::drained>();
      st.drain_promises.push_back(promise);
      check_drained(st);
      return promise;
    },
    [self](atom::cancel) {
      auto& st = self->state;
      refuse_waiting(st);
      for (auto& slot : st.slots)
        for (auto& ex : slot.running)
          ex->abandon(make_failure(errc::draining));
      check_drained(st);
    },
    [self](atom::reclaim, std::uint32_t index) {
      reclaim(self, index);
      hand_out(self);
      check_drained(self->state);
    },
    [self](atom::fail, const std::string& why) {
      fail(self->state, why);
      check_drained(self->state);
    },
    [self](atom::shun, std::uint64_t mark, std::uint64_t duration_ms) {
      shun(self->state, mark,
           self->clock().now() + std::chrono::milliseconds{duration_ms});
    },
  };
}

} // namespace troupe
