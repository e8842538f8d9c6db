#include "troupe/actors/cluster/remote_worker.hpp"

#include "troupe/actors/cluster/model_values.hpp"
#include "troupe/specs/worker/fields.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using remote_pointer =
  remote_worker_actor::stateful_pointer<remote_worker_state>;
using sent_call = remote_worker_state::call;
using std::chrono::milliseconds;

/// A credit for each item would be as many messages as items.
constexpr std::uint32_t low_credit = initial_credit / 2;

/// How often open calls are looked at: for those that nobody waits for any
/// more, and for readers that were behind.
constexpr milliseconds care_interval{20};

/// How long a place stays empty after the other machine refused a call: it
/// knows more about itself than we do.
constexpr milliseconds refusal_pause{100};

/// How often a call may be refused before the client hears of it.
constexpr std::uint8_t most_refusals = 3;

worker_index index_of(remote_pointer self) {
  return {state_of(self).config.seat.slot.index};
}

model_caller caller_of(remote_pointer self) {
  return static_cast<remote_worker_actor>(self);
}

void arm_tick(remote_pointer self) {
  auto& st = state_of(self);
  if (st.tick_pending || st.open.empty())
    return;
  st.tick_pending = true;
  tell_later(self, care_interval, atom::tick_v);
}

void end_if_done(remote_pointer self) {
  auto& st = state_of(self);
  if (st.left && st.open.empty())
    self->quit(caf::exit_reason::user_shutdown);
}

/// The place of a call is free.
void settle(remote_pointer self) {
  tell_from(self, state_of(self).config.seat.pool, atom::idle_v,
            index_of(self));
  end_if_done(self);
}

/// The other machine is of no use any more.
void give_up(remote_pointer self, const std::string& why) {
  self->quit(caf::make_error(caf::sec::runtime_error,
                             "node " + state_of(self).config.node + ' ' + why));
}

void start(remote_pointer self, const exchange_ptr& ex) {
  auto& st = state_of(self);
  if (ex->ended() || ex->cancelled()) {
    ex->abandon(make_failure(errc::cancelled));
    ex->ticket.release();
    settle(self);
    return;
  }
  std::optional<milliseconds> remaining;
  if (auto at = ex->time.deadline(); at != time_budget::never)
    remaining = std::chrono::ceil<milliseconds>(at - self->clock().now());
  const auto id = ++st.last_id;
  tell_from(self, st.config.target, atom::open_v, call_id{id},
            to_call(ex->request, ex->request_id, remaining, ex->trace.context),
            caller_of(self));
  sent_call x;
  x.ex = ex;
  x.predict = open_predict{st.config.seat.slot, ex};
  st.open.emplace(id, std::move(x));
  arm_tick(self);
}

// -- what the other machine says ----------------------------------------------

/// Lets a call send more when its reader keeps up.
void give_credit(remote_pointer self, std::uint64_t id, sent_call& x) {
  if (x.credit > low_credit)
    return;
  x.owes_credit = x.ex->congested();
  if (x.owes_credit)
    return;
  const auto items = initial_credit - x.credit;
  tell_from(self, state_of(self).config.target, atom::credit_v, call_id{id},
            items, caller_of(self));
  x.credit += items;
}

void on_item(remote_pointer self, call_id id, message_body& item) {
  auto i = state_of(self).open.find(id.value);
  // It crossed the cancel, or there never was such a call.
  if (i == state_of(self).open.end())
    return;
  auto& x = i->second;
  if (x.credit == 0) {
    give_up(self, "sent an item without credit");
    return;
  }
  --x.credit;
  try {
    // It must not make this thread wait; `congested` says when to pause.
    x.ex->waits = false;
    x.ex->write(to_payload(std::move(item), false));
  } catch (const std::invalid_argument& e) {
    give_up(self, std::string{"sent "} + e.what());
    return;
  }
  give_credit(self, id.value, x);
}

/// Whether the other machine has not begun the call, so that another one may
/// take it.
bool may_try_again(const exchange& ex, const failure& why, bool begun) {
  return !begun && !ex.begun() && !ex.ended()
         && ex.in_pool.refusals + 1 < most_refusals
         && (why.code == errc::draining || why.code == errc::not_ready
             || why.code == errc::overloaded);
}

void on_failure(remote_pointer self, const exchange_ptr& ex, failure why,
                bool begun) {
  if (!may_try_again(*ex, why, begun)) {
    ex->fail(std::move(why));
    ex->ticket.release();
    settle(self);
    return;
  }
  tell_from(self, state_of(self).config.seat.pool, atom::reclaim_v,
            index_of(self), ex);
  tell_later(self, refusal_pause, atom::idle_v);
}

void on_answer(remote_pointer self, const exchange_ptr& ex,
               model_answer answer) {
  const auto as_text = ex->takes_json_text() && !ex->begun();
  auto result = to_reply(std::move(answer), as_text);
  if (ex->begun() && !result.body.empty())
    ex->write(std::exchange(result.body, payload{}));
  ex->finish(std::move(result));
  ex->ticket.release();
  settle(self);
}

void on_end(remote_pointer self, call_id id, model_answer& answer) {
  auto& st = state_of(self);
  auto i = st.open.find(id.value);
  if (i == st.open.end()) {
    give_up(self, "ended a call that is not open");
    return;
  }
  if (answer.failed()) {
    auto x = std::move(i->second);
    st.open.erase(i);
    x.predict.end(true);
    on_failure(self, x.ex, to_failure(answer), answer.begun);
    return;
  }
  try {
    on_answer(self, i->second.ex, std::move(answer));
  } catch (const std::invalid_argument& e) {
    give_up(self, std::string{"sent "} + e.what());
  }
  st.open.erase(id.value);
  end_if_done(self);
}

/// Tells the other machine of calls that nobody waits for, and of readers that
/// have caught up.
void look(remote_pointer self) {
  auto& st = state_of(self);
  st.tick_pending = false;
  for (auto& [id, x] : st.open) {
    if (x.owes_credit) {
      give_credit(self, id, x);
      // It keeps a place that other requests could use.
      if (x.owes_credit)
        x.ex->end_if_too_slow();
    }
    if (!x.cancel_sent && (x.ex->ended() || x.ex->cancelled())) {
      x.cancel_sent = true;
      tell_from(self, st.config.target, atom::cancel_v, call_id{id},
                caller_of(self));
    }
  }
  arm_tick(self);
}

} // namespace

remote_worker_actor::behavior_type remote_worker(remote_pointer self,
                                                 remote_worker_config config) {
  auto& st = state_of(self);
  st.config = std::move(config);
  const auto& seat = st.config.seat;
  self->monitor(st.config.target);
  on_down(self, [self](const caf::actor_addr&, const caf::error& why) {
    give_up(self, "is lost: " + text_of(why));
  });
  tell_from(self, seat.supervisor, atom::ready_v, seat.key, index_of(self));
  tell_from(self, seat.pool, atom::join_v,
            worker_offer{index_of(self), static_cast<remote_worker_actor>(self),
                         st.config.capacity, true});
  return {
    [self](const exchange_ptr& ex) { start(self, ex); },
    [self](const batch_ptr& batch) {
      for (const auto& ex : *batch)
        start(self, ex);
    },
    [self](atom::tick) { look(self); },
    [](const job_ptr& job) { (*job)(); },
    [self](atom::item, call_id id, message_body& item) {
      on_item(self, id, item);
    },
    [self](atom::deliver, call_id id, model_answer& answer) {
      on_end(self, id, answer);
    },
    [self](atom::leave) {
      const auto& place = state_of(self).config.seat;
      tell_from(self, place.supervisor, atom::leave_v, place.key,
                index_of(self));
      self
        ->request(state_of(self).config.seat.pool, caf::infinite, atom::leave_v,
                  index_of(self))
        .then(
          [self](atom::drained) {
            state_of(self).left = true;
            end_if_done(self);
          },
          [self](const caf::error&) { give_up(self, "left"); });
    },
    [self](atom::idle) { settle(self); },
  };
}

} // namespace troupe
