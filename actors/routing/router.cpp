#include "troupe/actors/routing/router.hpp"

#include "troupe/specs/values/json.hpp"

#include <algorithm>

namespace troupe {

namespace {

using router_pointer = router_actor::stateful_pointer<router_state>;

/// The sink of a request by actor message. A stream's items become an array,
/// which is bounded.
class message_exchange : public exchange {
public:
  message_exchange(router_actor router, std::shared_ptr<status_board> board,
                   std::uint64_t id)
    : router_(std::move(router)), board_(std::move(board)), id_(id) {
    // nop
  }

protected:
  flow do_write(payload item) override {
    if (cancelled())
      return flow::cancelled;
    touch(deadline_clock::now());
    streamed_ = true;
    auto document = to_json(std::move(item));
    taken_ += dump_json(document).size();
    if (taken_ > max_collected_bytes) {
      failure why = make_failure(errc::internal);
      why.detail = "The answer is larger than "
                   + std::to_string(max_collected_bytes)
                   + " bytes; ask for less";
      abandon(std::move(why));
      return flow::cancelled;
    }
    items_.push_back(std::move(document));
    return flow::ok;
  }

  void do_finish(reply answer) override {
    board_->traffic.count_finished();
    deliver(answer.status, streamed_ ? nlohmann::json(std::move(items_))
                                     : to_json(std::move(answer.body)));
  }

  void do_fail(failure why) override {
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
    tell(router_, atom::deliver_v, id_,
         predict_reply{status, std::make_shared<const nlohmann::json>(
                                 std::move(document))});
  }

  router_actor router_;
  std::shared_ptr<status_board> board_;
  std::uint64_t id_;
  bool streamed_ = false;
  std::size_t taken_ = 0;
  nlohmann::json::array_t items_;
};

void publish(router_pointer self, snapshot_ptr next) {
  auto& st = self->state;
  st.current = std::move(next);
  st.config.cell->store(st.current);
  for (const auto& front : st.fronts)
    tell_from(self, front, st.current);
}

predict_reply refused(const failure& why) {
  auto answer = render_detail(why);
  return {answer.status,
          std::make_shared<const nlohmann::json>(*answer.body.json())};
}

/// CAF's clock cannot take a message back and keeps its receiver alive until
/// it is due: a far deadline is approached in steps.
constexpr std::chrono::milliseconds longest_tick{100};

/// One timer for all calls, only while there are any.
void arm_tick(router_pointer self) {
  auto& st = self->state;
  if (st.tick_pending || st.deadlines.empty())
    return;
  st.tick_pending = true;
  auto left = st.deadlines.begin()->first - self->clock().now();
  auto delay = std::clamp<deadline_clock::duration>(
    left, deadline_clock::duration::zero(), longest_tick);
  tell_later(self, delay, atom::tick_v);
}

/// Notes when a limit of the call may run out.
void watch(router_state& st, const exchange& ex, std::uint64_t id,
           deadline_clock::time_point now) {
  if (auto at = ex.next_look(now); at != deadline_clock::time_point::max())
    st.deadlines.emplace(at, id);
}

/// Answers the calls whose deadline has passed; their work is cancelled.
void expire(router_pointer self) {
  auto& st = self->state;
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
      tell_from(self, i->second.pool, atom::sweep_v);
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

} // namespace

router_actor::behavior_type router(router_pointer self, router_config config) {
  self->state.config = std::move(config);
  try {
    publish(self, self->state.config.plan.build(1));
  } catch (const std::exception& e) {
    self->quit(caf::make_error(caf::sec::runtime_error, std::string{e.what()}));
    return router_actor::behavior_type::make_empty_behavior();
  }
  return {
    [self](atom::table) { return self->state.current; },
    [self](atom::join, const front_actor& front) {
      self->state.fronts.push_back(front);
      tell_from(self, front, self->state.current);
    },
    [self](atom::change,
           const table_change_ptr& change) -> caf::result<std::uint64_t> {
      auto& st = self->state;
      try {
        auto plan = st.config.plan.with(*change);
        auto next = plan.build(st.current->version + 1);
        st.config.plan = std::move(plan);
        publish(self, std::move(next));
      } catch (const std::exception& e) {
        return caf::make_error(caf::sec::invalid_argument,
                               std::string{e.what()});
      }
      return st.current->version;
    },
    [self](atom::predict, const std::string& model,
           const json_ptr& document) -> caf::result<predict_reply> {
      auto& st = self->state;
      const auto* target = st.current->find_model(model);
      if (target == nullptr)
        return refused(
          make_failure(errc::not_found, "no model \"" + model + '"'));
      auto id = ++st.next_id;
      auto ex = make_sink<message_exchange>(static_cast<router_actor>(self),
                                            st.config.board, id);
      ex->request.document = document;
      ex->request_id = "message-" + std::to_string(id);
      ex->created = self->clock().now();
      ex->limits = target->limits;
      if (target->timeout.count() > 0)
        ex->deadline = ex->created + target->timeout;
      watch(st, *ex, id, ex->created);
      arm_tick(self);
      auto promise = self->make_response_promise<predict_reply>();
      st.open.emplace(id, router_state::call{promise, ex, target->pool.of(0)});
      if (auto refusal = dispatch(*target, ex, self->context()))
        ex->fail(std::move(*refusal));
      return promise;
    },
    [self](atom::deliver, std::uint64_t id, const predict_reply& answer) {
      auto& open = self->state.open;
      if (auto i = open.find(id); i != open.end()) {
        i->second.promise.deliver(answer);
        open.erase(i);
      }
    },
    [self](atom::tick) { expire(self); },
  };
}

} // namespace troupe
