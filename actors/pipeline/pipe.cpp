#include "troupe/actors/pipeline/pipe.hpp"

#include "troupe/actors/runtime_scope.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

using pipe_pointer = pipe_actor::stateful_pointer<pipe_state>;

/// How often a drain looks whether it is over.
constexpr std::chrono::milliseconds drain_look{5};

/// One timer for everything, only while there is something to wait for.
void arm_look(pipe_pointer self) {
  auto& st = state_of(self);
  if (st.tick_pending || (st.watched.empty() && st.drains.empty()))
    return;
  st.tick_pending = true;
  auto due = deadline_clock::time_point::max();
  if (!st.watched.empty())
    due = st.watched.begin()->first;
  if (!st.drains.empty())
    due = std::min(due, self->clock().now() + drain_look);
  tell_by(self, due, atom::tick_v);
}

/// Makes the pools of all its models drop what nobody wants any more, on each
/// I/O thread where they have one there.
void sweep_all(pipe_pointer self) {
  const auto& cfg = state_of(self).config;
  auto table = cfg.table->load();
  if (table == nullptr)
    return;
  for (const auto& name : cfg.steps->models())
    if (const auto* target = table->find_model(name))
      for (const auto& pool : target->pool.all())
        tell_from(self, pool, atom::sweep_v);
}

/// Gives up the calls whose time is up.
void expire_calls(pipe_pointer self) {
  auto& st = state_of(self);
  const auto now = self->clock().now();
  while (!st.watched.empty() && st.watched.begin()->first <= now) {
    auto ex = st.watched.begin()->second.lock();
    st.watched.erase(st.watched.begin());
    if (ex == nullptr || ex->ended())
      continue;
    if (ex->expired(now)) {
      ex->abandon(make_failure(errc::deadline_exceeded));
      sweep_all(self);
    } else {
      st.watched.emplace(
        std::max(ex->time.next_look(now), now + std::chrono::milliseconds{1}),
        ex);
    }
  }
}

void deliver_drains(pipe_pointer self) {
  auto& st = state_of(self);
  if (st.open->load() > 0)
    return;
  for (auto& promise : st.drains)
    promise.deliver(atom::drained_v);
  st.drains.clear();
}

std::shared_ptr<const pipeline_setting> make_setting(pipe_pointer self) {
  auto& st = state_of(self);
  auto result = std::make_shared<pipeline_setting>();
  result->name = st.config.name;
  result->steps = st.config.steps;
  result->log = st.config.log;
  // A handle would keep the actor alive.
  result->watch = [me = self->address()](const exchange_ptr& ex) {
    if (auto to = caf::actor_cast<caf::strong_actor_ptr>(me))
      tell(caf::actor_cast<pipe_actor>(to), atom::open_v, ex);
  };
  result->ended = [open = st.open] { open->fetch_sub(1); };
  return result;
}

void run_pipeline(pipe_pointer self, exchange_ptr ex) {
  auto& st = state_of(self);
  if (st.refusing) {
    ex->fail(make_failure(errc::draining));
    return;
  }
  // No request goes before another here, so none is refused to make room for
  // this one.
  if (ex->ticket.is_above()) {
    ex->fail(make_failure(errc::overloaded));
    return;
  }
  // Others may have waited for this thread.
  if (ex->cancelled() || ex->expired(self->clock().now())) {
    ex->abandon(make_failure(errc::deadline_exceeded));
    return;
  }
  runtime_scope inside{st.config.owner};
  st.open->fetch_add(1);
  pipeline_run::start(st.setting, st.config.table->load(), std::move(ex),
                      host_of(self));
}

} // namespace

pipe_actor::behavior_type pipe(pipe_pointer self, pipe_config config) {
  state_of(self).config = std::move(config);
  state_of(self).setting = make_setting(self);
  return {
    [self](exchange_ptr& ex) { run_pipeline(self, std::move(ex)); },
    [](atom::join, const worker_offer&) {
      // It has no workers.
    },
    [](atom::idle, worker_index) {
      // nop
    },
    [](atom::leave, worker_index) { return atom::drained_v; },
    [](atom::retire, worker_index) { return atom::drained_v; },
    [self](atom::sweep) { sweep_all(self); },
    [self](atom::status) {
      pool_status result;
      result.running = state_of(self).open->load();
      return result;
    },
    [self](atom::drain, bool finish_queued) -> caf::result<atom::drained> {
      auto& st = state_of(self);
      if (!finish_queued)
        st.refusing = true;
      auto promise = self->make_response_promise<atom::drained>();
      st.drains.push_back(promise);
      deliver_drains(self);
      arm_look(self);
      return promise;
    },
    [self](atom::cancel) { state_of(self).refusing = true; },
    [](atom::reclaim, worker_index) {
      // nop
    },
    [](atom::reclaim, worker_index, const exchange_ptr&) {
      // nop
    },
    [](atom::fail, const std::string&) {
      // nop
    },
    [](atom::shun, std::uint64_t, caf::timespan) {
      // nop
    },
    [self](atom::open, const exchange_ptr& ex) {
      state_of(self).watched.emplace(ex->time.next_look(self->clock().now()),
                                     ex);
      arm_look(self);
    },
    [self](atom::tick) {
      state_of(self).tick_pending = false;
      expire_calls(self);
      deliver_drains(self);
      arm_look(self);
    },
  };
}

void order_pipeline(serve_order& order,
                    std::shared_ptr<const snapshot_cell> table, log_sink log,
                    const void* owner) {
  auto& definition = order.definition;
  pipe_config config{definition.options.name, definition.pipeline,
                     std::move(table), std::move(log), owner};
  // It stays at its home, and SUPERVISOR starts no workers for it.
  definition.options.execution = execution_mode::inlined;
  definition.options.workers = 0;
  order.make_queue = [config](caf::actor_system& sys, placement where) {
    return spawn_placed(sys, std::move(where), pipe, config);
  };
}

} // namespace troupe
