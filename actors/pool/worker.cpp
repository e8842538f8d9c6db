#include "troupe/actors/pool/worker.hpp"

#include "troupe/actors/pool/input_mark.hpp"
#include "troupe/actors/runtime_scope.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace troupe {

namespace {

using worker_pointer = worker_actor::stateful_pointer<worker_state>;

/// Returns the mark of the input if the model has only this one, or 0.
std::uint64_t mark_of(std::span<const exchange_ptr> batch,
                      const std::vector<exchange_ptr>& open) {
  if (batch.size() + open.size() != 1)
    return 0;
  return input_mark((batch.empty() ? open.front() : batch.front())->request);
}

/// Runs a part of the model for these exchanges and what is open. A broken
/// worker ends; its POOL then answers or retries what is left.
/// @returns whether the worker lives.
template <class F>
bool run(worker_pointer self, std::span<const exchange_ptr> batch, F&& f) {
  auto& st = state_of(self);
  const auto& watch = st.config.watch;
  std::string why;
  auto failed = true;
  // Whether the input may be why.
  auto blamed = true;
  watch->enter(batch, st.open);
  try {
    runtime_scope inside{st.config.owner};
    f(*st.model);
    failed = false;
  } catch (const worker_lost& e) {
    why = e.what();
    blamed = false;
  } catch (const std::exception& e) {
    why = e.what();
  } catch (...) {
    why = "an exception that is not a std::exception";
  }
  if (!watch->leave()) {
    self->quit(caf::exit_reason::user_shutdown);
    return false;
  }
  if (failed) {
    // The model's end, which comes first, may take its time.
    tell_from(self, st.config.supervisor, atom::fail_v, st.config.key,
              worker_index{st.config.slot.index});
    self->quit(caf::make_error(caf::sec::runtime_error, std::move(why),
                               blamed ? mark_of(batch, st.open) : 0));
  }
  return !failed;
}

/// Gives back exchanges that have ended or are not needed any more, and tells
/// POOL which calls are over.
void settle(worker_pointer self) {
  auto& st = state_of(self);
  std::erase_if(st.open, [](const auto& ex) {
    if (ex->cancelled())
      ex->fail(make_failure(errc::cancelled));
    if (ex->ended())
      ex->ticket.release();
    return ex->ended();
  });
  for (; st.calls > st.model->open(); --st.calls)
    tell_from(self, st.config.pool, atom::idle_v,
              worker_index{st.config.slot.index});
}

void step(worker_pointer self) {
  auto& st = state_of(self);
  st.step_pending = false;
  auto next = progress::idle;
  if (!run(self, {}, [&](auto& x) { next = x.step(); }))
    return;
  // Thousands may be open, and most steps end none.
  if (st.calls > st.model->open())
    settle(self);
  if (next == progress::idle)
    return;
  st.step_pending = true;
  if (next == progress::more)
    tell_from(self, static_cast<worker_actor>(self), atom::tick_v);
  else
    tell_later(self, congestion_pause, atom::tick_v);
}

/// Drops the exchange if nobody wants its answer any more.
bool dropped(worker_pointer self, exchange& ex) {
  auto& st = state_of(self);
  if (ex.ended() || ex.cancelled())
    ex.abandon(make_failure(errc::cancelled));
  // With several calls open at once, these have waited here for a step to end.
  // Otherwise POOL has just looked at the clock.
  else if (st.capacity > 1 && ex.expired(self->clock().now()))
    ex.abandon(make_failure(errc::deadline_exceeded));
  else
    return false;
  ex.ticket.release();
  return true;
}

/// Calls the model with those of the batch that somebody still waits for.
/// @returns whether the worker lives.
bool call(worker_pointer self, std::span<const exchange_ptr> batch) {
  auto process = [&](std::span<const exchange_ptr> xs) {
    return xs.empty() || run(self, xs, [&](auto& x) { x.process(xs); });
  };
  auto drops = [&](const auto& ex) { return dropped(self, *ex); };
  auto first = std::find_if(batch.begin(), batch.end(), drops);
  if (first == batch.end())
    return process(batch);
  std::vector<exchange_ptr> rest{batch.begin(), first};
  std::remove_copy_if(first + 1, batch.end(), std::back_inserter(rest), drops);
  return process(rest);
}

void process(worker_pointer self, std::span<const exchange_ptr> batch) {
  auto& st = state_of(self);
  ++st.calls;
  if (!call(self, batch))
    return;
  auto later = st.model->answers_later();
  for (const auto& ex : batch) {
    if (later && !ex->ended() && st.model->open() > 0) {
      st.open.push_back(ex);
      continue;
    }
    if (!ex->ended() && !later)
      ex->fail(make_failure(errc::internal));
    ex->ticket.release();
  }
  settle(self);
  if (!st.step_pending && st.model->open() > 0)
    step(self);
}

/// Asks the model how it is. One that throws is not well.
bool ask_health(worker_state& st) {
  try {
    return st.model->healthy();
  } catch (const std::exception& e) {
    st.config.slot.log(log_level::warning, "model " + st.config.slot.model
                                             + ": health threw: " + e.what());
  } catch (...) {
    st.config.slot.log(log_level::warning,
                       "model " + st.config.slot.model + ": health threw");
  }
  return false;
}

/// Asks the model how it is when that is due, and comes back.
void check_health(worker_pointer self) {
  auto& st = state_of(self);
  auto now = self->clock().now();
  if (now >= st.health_due) {
    auto healthy = false;
    if (!run(self, {}, [&](auto&) { healthy = ask_health(st); }))
      return;
    st.config.report_health(healthy);
    st.health_due = now + st.config.health_interval;
  }
  tell_by(self, st.health_due, std::make_shared<std::function<void()>>([self] {
            check_health(self);
          }));
}

/// Makes the model and sets it up.
/// @returns whether the worker lives.
bool set_up(worker_pointer self) {
  auto& st = state_of(self);
  std::string why;
  auto failed = true;
  // As long as it likes.
  st.config.watch->enter();
  try {
    runtime_scope inside{st.config.owner};
    st.model = st.config.make(st.config.slot);
    st.config.watch->on_interrupt([x = st.model.get()] { x->interrupt(); });
    st.model->setup(st.config.slot);
    st.model->warmup();
    failed = false;
  } catch (const std::exception& e) {
    why = e.what();
  } catch (...) {
    why = "an exception that is not a std::exception";
  }
  if (!st.config.watch->leave()) {
    self->quit(caf::exit_reason::user_shutdown);
    return false;
  }
  if (failed)
    self->quit(caf::make_error(caf::sec::runtime_error, std::move(why)));
  return !failed;
}

} // namespace

worker_state::~worker_state() {
  if (model == nullptr)
    return;
  config.watch->on_interrupt(nullptr);
  config.watch->enter();
  {
    runtime_scope inside{config.owner};
    model = nullptr;
  }
  static_cast<void>(config.watch->leave());
}

worker_actor::behavior_type worker(worker_pointer self, worker_config config) {
  state_of(self).config = std::move(config);
  auto& st = state_of(self);
  // A weak handle: the model keeps the slot, and the worker the model.
  st.config.slot.post =
    [weak = caf::actor_cast<caf::weak_actor_ptr>(
       static_cast<worker_actor>(self))](std::function<void()> f) {
      tell(caf::actor_cast<worker_actor>(weak),
           std::make_shared<std::function<void()>>(std::move(f)));
    };
  if (!set_up(self))
    return worker_actor::behavior_type::make_empty_behavior();
  // Before it is ready, so that a sick model is never reported as well.
  if (st.config.report_health)
    check_health(self);
  const worker_index index{st.config.slot.index};
  st.capacity = st.model->capacity();
  // First, so that SUPERVISOR may take it out of the queue at once.
  tell_from(self, st.config.pool, atom::join_v,
            worker_offer{index, static_cast<worker_actor>(self),
                         static_cast<std::uint32_t>(st.capacity)});
  tell_from(self, st.config.supervisor, atom::ready_v, st.config.key, index);
  return {
    [self](const exchange_ptr& ex) {
      process(self, {&ex, 1});
    },
    [self](const batch_ptr& batch) { process(self, *batch); },
    [self](atom::tick) { step(self); },
    [self](const job_ptr& job) {
      if (run(self, {}, [&](auto&) { (*job)(); }))
        settle(self);
    },
  };
}

} // namespace troupe
