#include "troupe/actors/routing/message_gateway.hpp"

#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>

namespace troupe {

namespace {

using gateway_pointer = gateway_actor::stateful_pointer<gateway_state>;

/// The sink of a request by actor message. A stream's items become an array,
/// which is bounded.
class message_exchange : public exchange {
public:
  message_exchange(gateway_actor gateway, std::shared_ptr<status_board> board,
                   std::uint64_t id)
    : gateway_(std::move(gateway)), board_(std::move(board)), id_(id) {
    // nop
  }

protected:
  flow do_write(payload item) override {
    if (cancelled())
      return flow::cancelled;
    const auto now = deadline_clock::now();
    touch(now);
    facts.item(now);
    streamed_ = true;
    auto document = to_json(std::move(item));
    taken_ += dump_json(document).size();
    if (taken_ > max_collected_bytes) {
      failure why = make_failure(errc::internal);
      why.detail = "The answer is larger than "
                   + std::to_string(max_collected_bytes)
                   + " bytes; ask for a shorter one";
      abandon(std::move(why));
      return flow::cancelled;
    }
    items_.push_back(std::move(document));
    return flow::ok;
  }

  void do_finish(reply answer) override {
    facts.finished(deadline_clock::now(), answer.status);
    board_->traffic.count_finished();
    deliver(answer.status, streamed_ ? nlohmann::json(std::move(items_))
                                     : to_json(std::move(answer.body)));
  }

  void do_fail(failure why) override {
    facts.failed(deadline_clock::now(), why.code, why.effective_status());
    board_->traffic.count_failed(why.code);
    std::string unused;
    auto answer = render(why, unused);
    deliver(answer.status, to_json(std::move(answer.body)));
  }

private:
  static nlohmann::json to_json(payload x) {
    if (auto* document = x.json())
      return std::move(*document);
    return std::move(x).take_text();
  }

  void deliver(int status, nlohmann::json document) {
    tell(gateway_, atom::deliver_v, call_number{id_},
         predict_reply{status, std::make_shared<const nlohmann::json>(
                                 std::move(document))});
  }

  gateway_actor gateway_;
  std::shared_ptr<status_board> board_;
  std::uint64_t id_;
  bool streamed_ = false;
  std::size_t taken_ = 0;
  nlohmann::json::array_t items_;
};

predict_reply refused(const failure& why) {
  auto answer = render_detail(why);
  return {answer.status,
          std::make_shared<const nlohmann::json>(*answer.body.json())};
}

/// One timer for all calls, only while there are any.
void arm_tick(gateway_pointer self) {
  auto& st = state_of(self);
  if (st.tick_pending || st.deadlines.empty())
    return;
  st.tick_pending = true;
  tell_by(self, st.deadlines.begin()->first, atom::tick_v);
}

/// Notes when a limit of the call may run out.
void watch(gateway_state& st, const exchange& ex, std::uint64_t id,
           deadline_clock::time_point now) {
  if (auto at = ex.time.next_look(now); at != deadline_clock::time_point::max())
    st.deadlines.emplace(at, id);
}

/// Answers the calls whose deadline has passed; their work is cancelled.
void expire(gateway_pointer self) {
  auto& st = state_of(self);
  auto now = self->clock().now();
  st.tick_pending = false;
  while (!st.deadlines.empty() && st.deadlines.begin()->first <= now) {
    auto id = st.deadlines.begin()->second;
    st.deadlines.erase(st.deadlines.begin());
    auto i = st.open.find(id);
    if (i == st.open.end())
      continue;
    auto ex = i->second.ex.lock();
    if (ex == nullptr)
      continue;
    if (ex->expired(now)) {
      ex->abandon(make_failure(errc::deadline_exceeded));
      tell_from(self, i->second.queue, atom::sweep_v);
    } else {
      watch(st, *ex, id, now);
    }
  }
  // Dead entries in front would only wake us for nothing.
  while (!st.deadlines.empty()
         && st.open.count(st.deadlines.begin()->second) == 0)
    st.deadlines.erase(st.deadlines.begin());
  arm_tick(self);
}

// -- callers ------------------------------------------------------------------

/// Watches the caller of a request, once however many it has open.
void watch_caller(gateway_pointer self, const caf::strong_actor_ptr& caller) {
  if (caller != nullptr && ++state_of(self).callers[caller->address()] == 1)
    self->monitor(caller);
}

void release_caller(gateway_pointer self, const caf::actor_addr& caller) {
  auto& callers = state_of(self).callers;
  auto i = callers.find(caller);
  if (i == callers.end() || --i->second > 0)
    return;
  self->demonitor(caller);
  callers.erase(i);
}

/// Gives up what a caller waited for that is gone.
void forget_caller(gateway_pointer self, const caf::actor_addr& caller) {
  auto& st = state_of(self);
  st.callers.erase(caller);
  for (auto i = st.open.begin(); i != st.open.end();) {
    if (i->second.caller != caller) {
      ++i;
      continue;
    }
    auto call = std::move(i->second);
    i = st.open.erase(i);
    if (auto ex = call.ex.lock(); ex != nullptr) {
      ex->abandon(make_failure(errc::cancelled));
      tell_from(self, call.queue, atom::sweep_v);
    }
  }
}

// -- requests -----------------------------------------------------------------

/// Makes the exchange of a request and dispatches it.
/// @param timeout lowers that of the model; zero means none
caf::result<predict_reply> predict(gateway_pointer self,
                                   const std::string& model,
                                   const json_ptr& document,
                                   deadline_clock::duration timeout) {
  auto& st = state_of(self);
  const auto table = st.config.cell->load();
  const auto* target = table != nullptr ? table->find_model(model) : nullptr;
  if (target == nullptr)
    return refused(make_failure(errc::not_found, "no model \"" + model + '"'));
  auto id = ++st.next_id;
  auto ex = make_sink<message_exchange>(static_cast<gateway_actor>(self),
                                        st.config.board, id);
  ex->request.document = document;
  ex->request_id = "message-" + std::to_string(id);
  const auto now = self->clock().now();
  ex->time.begin(now, target->limits);
  ex->facts.arrived = now;
  ex->facts.is_request = true;
  // An inline model has workers on each I/O thread.
  ex->shard = static_cast<std::uint32_t>(id - 1);
  if (timeout.count() > 0)
    ex->time.lower_deadline(now + timeout);
  watch(st, *ex, id, now);
  arm_tick(self);
  gateway_state::call call;
  // The promise takes the sender away.
  if (auto caller = self->current_sender()) {
    call.caller = caller->address();
    watch_caller(self, caller);
  }
  auto promise = self->make_response_promise<predict_reply>();
  call.promise = promise;
  call.ex = ex;
  call.queue = target->pool.of(ex->shard);
  st.open.emplace(id, std::move(call));
  exchange_ptr to_pool = std::move(ex);
  if (auto refusal = dispatch(*target, to_pool, host_of(self)))
    to_pool->fail(std::move(*refusal));
  return promise;
}

/// Otherwise the caller would wait for an answer that never comes.
void end_open_calls(gateway_state& st) {
  for (auto& [id, call] : st.open)
    call.promise.deliver(refused(make_failure(errc::draining)));
  st.open.clear();
}

} // namespace

gateway_actor::behavior_type message_gateway(gateway_pointer self,
                                             gateway_config config) {
  state_of(self).config = std::move(config);
  on_down(self, [self](const caf::actor_addr& caller, const caf::error&) {
    forget_caller(self, caller);
  });
  on_exit(self, [self] { end_open_calls(state_of(self)); });
  return {
    [self](atom::predict, const std::string& model, const json_ptr& document) {
      return predict(self, model, document, deadline_clock::duration::zero());
    },
    [self](atom::predict, const std::string& model, const json_ptr& document,
           caf::timespan timeout) -> caf::result<predict_reply> {
      if (timeout.count() <= 0)
        return refused(make_failure(errc::bad_request,
                                    "the timeout of a request by actor message "
                                    "must be above 0"));
      return predict(self, model, document, timeout);
    },
    [self](atom::deliver, call_number id, const predict_reply& answer) {
      auto& open = state_of(self).open;
      auto i = open.find(id.value);
      if (i == open.end())
        return;
      i->second.promise.deliver(answer);
      release_caller(self, i->second.caller);
      open.erase(i);
    },
    [](atom::status) { return atom::ready_v; },
    [self](atom::tick) { expire(self); },
  };
}

} // namespace troupe
