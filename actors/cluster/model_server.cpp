#include "troupe/actors/cluster/model_server.hpp"

#include "troupe/actors/cluster/model_values.hpp"
#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/specs/worker/fields.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace troupe {

namespace {

using model_pointer = model_actor::stateful_pointer<model_server_state>;
using served_call = model_server_state::call;
using std::chrono::milliseconds;

/// How often the deadlines of open calls are looked at.
constexpr milliseconds expiry_interval{20};

/// As good as no bound, and no clock overflows.
constexpr std::chrono::hours longest_wait{24UL * 365};

void arm_tick(model_pointer self) {
  auto& st = state_of(self);
  if (st.tick_pending || st.open.empty())
    return;
  st.tick_pending = true;
  tell_later(self, expiry_interval, atom::tick_v);
}

/// Gives a call up. Its end comes as a message.
void give_up(model_pointer self, const served_call& x, errc why) {
  if (auto ex = x.ex.lock(); ex != nullptr && ex->abandon(make_failure(why)))
    tell_from(self, x.queue, atom::sweep_v);
}

/// Looks for calls whose limits have run out.
void expire(model_pointer self) {
  auto& st = state_of(self);
  st.tick_pending = false;
  const auto now = self->clock().now();
  for (const auto& [number, x] : st.open)
    if (auto ex = x.ex.lock(); ex != nullptr && ex->expired(now))
      give_up(self, x, errc::deadline_exceeded);
  arm_tick(self);
}

// -- callers ------------------------------------------------------------------

void watch_caller(model_pointer self, const served_call& x) {
  if (x.to != nullptr && ++state_of(self).callers[x.caller] == 1)
    self->monitor(x.to);
}

void release_caller(model_pointer self, const served_call& x) {
  auto& callers = state_of(self).callers;
  auto i = callers.find(x.caller);
  if (i == callers.end() || --i->second > 0)
    return;
  self->demonitor(x.caller);
  callers.erase(i);
}

/// Gives up what a caller waited for that is gone.
void forget_caller(model_pointer self, const caf::actor_addr& caller) {
  for (const auto& [number, x] : state_of(self).open)
    if (x.caller == caller)
      give_up(self, x, errc::cancelled);
}

served_call* find_call(model_server_state& st, const model_caller& caller,
                       call_id id) {
  auto i = st.numbers.find({caller.address(), id.value});
  return i != st.numbers.end() ? &st.open.at(i->second) : nullptr;
}

// -- calls --------------------------------------------------------------------

void count(status_board& board, const model_answer& x) {
  if (x.failed())
    board.traffic.count_failed(worker::code_from(x.error, errc::internal));
  else
    board.traffic.count_finished();
}

/// Hands a refusal to whoever waits for it.
void refuse(model_pointer self, served_call& x, const failure& why) {
  auto answer = to_answer(why);
  count(*state_of(self).config.board, answer);
  if (x.to != nullptr)
    tell_from(self, x.to, atom::deliver_v, x.id, std::move(answer));
  else
    x.promise.deliver(std::move(answer));
}

void on_end(model_pointer self, std::uint64_t number, model_answer answer) {
  auto& st = state_of(self);
  auto i = st.open.find(number);
  if (i == st.open.end())
    return;
  auto x = std::move(i->second);
  st.open.erase(i);
  if (x.to != nullptr) {
    st.numbers.erase({x.caller, x.id.value});
    release_caller(self, x);
  }
  count(*st.config.board, answer);
  // A caller of its own has the answer.
  if (x.to == nullptr)
    x.promise.deliver(std::move(answer));
}

/// Makes the exchange of a call and dispatches it. A refusal after that ends
/// the call like any other end.
/// @throws std::invalid_argument for a call that makes no sense
void begin(model_pointer self, const route_target& target, served_call x,
           model_request what) {
  auto& st = state_of(self);
  const auto number = ++st.last_number;
  const auto remaining = what.remaining_ms;
  auto id = !what.request_id.empty() ? std::move(what.request_id)
                                     : "call-" + std::to_string(number);
  auto request = to_request(std::move(what));
  auto ex = make_sink<called_exchange>(static_cast<model_actor>(self), number,
                                       x.id, x.to);
  ex->request_id = std::move(id);
  ex->request = std::move(request);
  ex->begin_trace(st.config.board->spans);
  ex->waits = st.config.waits;
  const auto now = self->clock().now();
  ex->time.begin(now, target.limits);
  ex->facts.arrived = now;
  ex->facts.is_request = true;
  if (remaining >= 0)
    ex->time.lower_deadline(
      now + std::min<milliseconds>(milliseconds{remaining}, longest_wait));
  // An inline model has workers on each I/O thread.
  ex->shard = static_cast<std::uint32_t>(number - 1);
  x.ex = ex;
  x.queue = target.pool.of(ex->shard);
  if (x.to != nullptr) {
    st.numbers.emplace(std::pair{x.caller, x.id.value}, number);
    watch_caller(self, x);
  }
  st.open.emplace(number, std::move(x));
  arm_tick(self);
  exchange_ptr to_pool = std::move(ex);
  if (auto refusal = dispatch(target, to_pool, host_of(self)))
    to_pool->fail(std::move(*refusal));
}

/// Ends what is open: nobody will be here to hear of its end.
void end_open_calls(model_server_state& st) {
  const auto why = make_failure(errc::draining);
  for (auto& [number, x] : st.open) {
    // Tells a caller of its own.
    if (auto ex = x.ex.lock())
      ex->abandon(why);
    auto answer = to_answer(why);
    count(*st.config.board, answer);
    if (x.to == nullptr)
      x.promise.deliver(std::move(answer));
  }
  st.open.clear();
}

void start(model_pointer self, served_call x, model_request what) {
  const auto& config = state_of(self).config;
  const auto table = config.cell->load();
  const auto* target =
    table != nullptr ? table->find_model(config.model) : nullptr;
  if (target == nullptr) {
    refuse(self, x,
           make_failure(errc::not_found, "no model \"" + config.model + '"'));
    return;
  }
  try {
    begin(self, *target, x, std::move(what));
  } catch (const std::invalid_argument& e) {
    refuse(self, x, make_failure(errc::bad_request, e.what()));
  }
}

} // namespace

model_facts describe(const model_server_config& config) {
  model_facts result;
  result.name = config.model;
  result.schema = config.schema;
  const auto table = config.cell->load();
  const auto* target =
    table != nullptr ? table->find_model(config.model) : nullptr;
  if (target == nullptr || target->state == nullptr)
    return result;
  result.ready = target->state->serves();
  const auto limit = target->admission->limit();
  // A pipeline has no workers: its whole room is for requests under way.
  if (target->state->workers() == 0) {
    result.capacity = static_cast<std::uint32_t>(limit);
    return result;
  }
  result.capacity = static_cast<std::uint32_t>(
    std::max<std::size_t>(limit - std::min(limit, config.queue_size), 1));
  return result;
}

model_actor::behavior_type model_server(model_pointer self,
                                        model_server_config config) {
  state_of(self).config = std::move(config);
  on_down(self, [self](const caf::actor_addr& who, const caf::error&) {
    forget_caller(self, who);
  });
  on_exit(self, [self] { end_open_calls(state_of(self)); });
  return {
    [self](atom::predict, model_request what) -> caf::result<model_answer> {
      served_call x;
      x.promise = self->make_response_promise<model_answer>();
      auto promise = x.promise;
      start(self, std::move(x), std::move(what));
      return promise;
    },
    [self](atom::open, call_id id, model_request what,
           const model_caller& caller) {
      // A number that is open already is the caller's mistake.
      if (caller == nullptr || find_call(state_of(self), caller, id) != nullptr)
        return;
      served_call x;
      x.caller = caller.address();
      x.id = id;
      x.to = caller;
      start(self, std::move(x), std::move(what));
    },
    [self](atom::cancel, call_id id, const model_caller& caller) {
      if (auto* x = find_call(state_of(self), caller, id))
        give_up(self, *x, errc::cancelled);
    },
    [self](atom::credit, call_id id, std::uint32_t items,
           const model_caller& caller) {
      if (auto* x = find_call(state_of(self), caller, id))
        if (auto ex = x->ex.lock(); ex != nullptr)
          ex->add_credit(items);
    },
    [self](atom::describe) { return describe(state_of(self).config); },
    [self](atom::deliver, std::uint64_t number, model_answer& answer) {
      on_end(self, number, std::move(answer));
    },
    [self](atom::tick) { expire(self); },
  };
}

} // namespace troupe
