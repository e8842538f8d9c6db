#include "troupe/actors/supervision/supervisor.hpp"

#include "troupe/actors/pool/pool.hpp"
#include "troupe/actors/pool/thread_unit.hpp"

#include <algorithm>

namespace troupe {

namespace {

using supervisor_pointer = supervisor_actor::stateful_pointer<supervisor_state>;
using child = supervisor_state::child;

/// How long a thread may take after its last actor has ended.
constexpr std::chrono::seconds thread_end{5};

const model_options& options_of(const child& c) {
  return c.config->definition.options;
}

std::size_t ready_count(const child& c) {
  return static_cast<std::size_t>(std::count_if(
    c.places.begin(), c.places.end(), [](const auto& p) { return p.ready; }));
}

void update(supervisor_pointer self, child& c, model_phase phase,
            const std::string& detail = {}) {
  state_of(self).config.board->update(*c.config->state, phase, ready_count(c),
                                      detail);
}

void spawn_worker(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& st = state_of(self);
  const auto& options = options_of(c);
  worker_config cfg;
  cfg.slot.model = options.name;
  cfg.slot.index = index;
  cfg.slot.device = options.device;
  cfg.slot.log = st.config.log;
  cfg.slot.values = st.config.values;
  cfg.slot.callbacks = st.config.callbacks;
  cfg.slot.pure = options.pure;
  cfg.make = c.config->definition.make;
  if (c.config->definition.has_health) {
    cfg.report_health = [board = st.config.board, state = c.config->state,
                         index](bool x) { board->health(*state, index, x); };
    cfg.health_interval = options.health_interval;
  }
  cfg.pool = c.pools[index % c.pools.size()];
  cfg.supervisor = static_cast<supervisor_actor>(self);
  cfg.key = c.key;
  auto& place = c.places[index];
  placement where{c.config->home(index), false, c.config->setup};
  if (options.execution == execution_mode::dedicated && st.config.threads) {
    place.unit = std::make_shared<thread_unit>(self->home_system());
    where = {place.unit};
  }
  place.worker =
    spawn_placed(self->home_system(), std::move(where), worker, std::move(cfg));
  self->monitor(place.worker);
}

void end_thread(supervisor_pointer self, supervisor_state::place& place) {
  if (place.unit == nullptr)
    return;
  if (!place.unit->stop(thread_end))
    state_of(self).config.log(log_level::error,
                              "a worker's thread did not end");
  place.unit = nullptr;
}

bool all_gone(const supervisor_state& st) {
  return std::all_of(st.children.begin(), st.children.end(), [](auto& kvp) {
    return std::all_of(kvp.second.places.begin(), kvp.second.places.end(),
                       [](const auto& p) { return p.worker == nullptr; });
  });
}

void end_pools(supervisor_pointer self, const child& c) {
  for (const auto& pool : c.pools)
    self->send_exit(pool, caf::exit_reason::user_shutdown);
}

/// Cancels what waits and runs.
void cancel_pools(supervisor_pointer self, const child& c) {
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::cancel_v);
}

/// Calls `then` when nothing waits or runs in any of the pools.
template <class F>
void drain_pools(supervisor_pointer self, const std::vector<queue_actor>& pools,
                 bool finish_queued, F then) {
  if (pools.empty()) {
    then();
    return;
  }
  auto left = std::make_shared<std::size_t>(pools.size());
  auto one_less = [left, then]() mutable {
    if (--*left == 0)
      then();
  };
  // Without a bound: the wait ends with the last request under way, which has
  // limits of its own or a client that may leave, and no later than with the
  // queue, which SUPERVISOR ends when it stops.
  for (const auto& pool : pools)
    self->request(pool, caf::infinite, atom::drain_v, finish_queued)
      .then([one_less](atom::drained) mutable { one_less(); },
            [one_less](const caf::error&) mutable { one_less(); });
}

void finish_stop(supervisor_pointer self) {
  auto& st = state_of(self);
  for (auto& [name, c] : st.children)
    end_pools(self, c);
  for (auto& promise : st.stop_promises)
    promise.deliver(stop_report{st.abandoned});
  st.stop_promises.clear();
  st.children.clear();
  self->quit();
}

/// Removes a retiring child once its last worker is gone.
void finish_retire(supervisor_pointer self, const std::string& key) {
  auto& st = state_of(self);
  auto i = st.children.find(key);
  if (i == st.children.end() || !i->second.retiring
      || std::any_of(i->second.places.begin(), i->second.places.end(),
                     [](const auto& p) { return p.worker != nullptr; }))
    return;
  end_pools(self, i->second);
  st.config.board->remove(i->second.config->state);
  st.children.erase(i);
}

/// Decides what follows a worker's death.
void on_death(supervisor_pointer self, child& c, std::uint32_t index,
              const caf::error& reason) {
  auto& st = state_of(self);
  auto& place = c.places[index];
  auto was_ready = std::exchange(place.ready, false);
  place.worker = nullptr;
  end_thread(self, place);
  if (st.stopping || c.retiring)
    return;
  const auto& label = c.config->label;
  auto text = text_of(reason);
  auto what = label + " worker " + std::to_string(index)
              + (was_ready ? " died: " : " could not be set up: ") + text;
  st.config.log(log_level::error, what);
  auto give_up = [&](const std::string& why) {
    if (c.config->state->phase() == model_phase::failed)
      return;
    update(self, c, model_phase::failed, why);
    // Nobody will take what waits.
    cancel_pools(self, c);
  };
  if (!c.was_ready) {
    give_up(text);
    return;
  }
  auto backoff = c.budget.spend(self->clock().now());
  if (!backoff) {
    st.config.log(log_level::error, label + " died too often; giving up");
    give_up("its workers died too often, the last with: " + text);
    return;
  }
  if (c.config->state->phase() == model_phase::failed)
    return;
  update(self, c,
         ready_count(c) > 0 ? model_phase::ready : model_phase::restarting,
         text);
  tell_later(self, *backoff, atom::restart_v, c.key, worker_index{index});
}

void on_worker_down(supervisor_pointer self, const caf::actor_addr& who,
                    const caf::error& why) {
  auto& st = state_of(self);
  for (auto& [key, c] : st.children)
    for (std::uint32_t i = 0; i < c.places.size(); ++i) {
      auto& worker = c.places[i].worker;
      if (worker == nullptr || worker.address() != who)
        continue;
      on_death(self, c, i, why);
      finish_retire(self, std::string{key});
      if (st.stopping && all_gone(st))
        finish_stop(self);
      return;
    }
}

void end_workers(supervisor_pointer self, child& c) {
  for (auto& place : c.places)
    if (place.worker != nullptr)
      self->send_exit(place.worker, caf::exit_reason::user_shutdown);
}

/// CAF's clock cannot take a message back and keeps its receiver alive until
/// it is due: a far deadline is approached in steps.
void tell_overdue(supervisor_pointer self) {
  constexpr std::chrono::milliseconds longest{100};
  auto left = state_of(self).stop_deadline - self->clock().now();
  tell_later(self, std::min<deadline_clock::duration>(left, longest),
             atom::overdue_v);
}

void wait_for_workers(supervisor_pointer self, caf::timespan timeout) {
  state_of(self).stop_deadline = self->clock().now() + timeout;
  tell_overdue(self);
}

/// Asks every pool for its drain and answers when all have.
caf::result<atom::drained> drain_all(supervisor_pointer self,
                                     bool finish_queued) {
  auto promise = self->make_response_promise<atom::drained>();
  std::vector<queue_actor> pools;
  for (const auto& [name, c] : state_of(self).children)
    pools.insert(pools.end(), c.pools.begin(), c.pools.end());
  drain_pools(self, pools, finish_queued,
              [promise]() mutable { promise.deliver(atom::drained_v); });
  return promise;
}

/// Makes the n-th queue of a child.
queue_actor spawn_queue(supervisor_pointer self, const serve_order& order,
                        std::size_t n) {
  const auto& options = order.definition.options;
  const auto visits = options.execution == execution_mode::dedicated;
  placement where{order.home(n), visits, nullptr};
  auto& sys = self->home_system();
  if (order.make_queue)
    return order.make_queue(sys, std::move(where));
  return spawn_placed(sys, std::move(where), pool,
                      pool_options{options.name, options.batch,
                                   options.idempotent,
                                   state_of(self).config.log, order.gate});
}

} // namespace

supervisor_actor::behavior_type supervisor(supervisor_pointer self,
                                           supervisor_config config) {
  state_of(self).config = std::move(config);
  on_down(self, [self](const caf::actor_addr& who, const caf::error& why) {
    on_worker_down(self, who, why);
  });
  return {
    [self](atom::serve,
           const serve_order_ptr& served) -> caf::result<queue_handles> {
      auto& st = state_of(self);
      const auto& options = served->definition.options;
      if (st.stopping)
        return caf::make_error(caf::sec::invalid_argument,
                               std::string{"stopping"});
      auto key = options.name + '#' + std::to_string(++st.generation);
      auto& c = st.children[key];
      c.key = key;
      c.config = served;
      c.budget = restart_budget{options.restart};
      if (!served->off_board)
        st.config.board->add(served->state);
      for (std::size_t i = 0; i < served->shards; ++i)
        c.pools.push_back(spawn_queue(self, *served, i));
      c.places.resize(options.workers * served->shards);
      for (std::uint32_t i = 0; i < c.places.size(); ++i)
        spawn_worker(self, c, i);
      return queue_handles{c.pools, key};
    },
    [self](atom::retire, const std::string& of) {
      auto i = state_of(self).children.find(of);
      if (i == state_of(self).children.end() || i->second.retiring)
        return;
      i->second.retiring = true;
      auto end = [self, key = i->first] {
        if (auto j = state_of(self).children.find(key);
            j != state_of(self).children.end())
          end_workers(self, j->second);
        // A failed model, or one in its back-off, may have no worker at all.
        finish_retire(self, key);
      };
      drain_pools(self, i->second.pools, true, end);
    },
    [self](atom::ready, const std::string& key, worker_index which) {
      auto i = state_of(self).children.find(key);
      if (i == state_of(self).children.end())
        return;
      auto& c = i->second;
      if (c.config->state->phase() == model_phase::failed)
        return;
      c.places[which.value].ready = true;
      if (!std::exchange(c.was_ready, true))
        state_of(self).config.log(log_level::info,
                                  c.config->label + " is ready");
      update(self, c, model_phase::ready);
    },
    [self](atom::restart, const std::string& key, worker_index which) {
      auto& st = state_of(self);
      auto i = st.children.find(key);
      if (st.stopping || i == st.children.end() || i->second.retiring
          || i->second.config->state->phase() == model_phase::failed)
        return;
      st.config.board->count_restart(*i->second.config->state);
      spawn_worker(self, i->second, which.value);
    },
    [self](atom::drain, bool finish_queued) {
      return drain_all(self, finish_queued);
    },
    [self](atom::cancel) {
      for (auto& [name, c] : state_of(self).children)
        cancel_pools(self, c);
    },
    [self](atom::stop, caf::timespan timeout) -> caf::result<stop_report> {
      auto& st = state_of(self);
      auto promise = self->make_response_promise<stop_report>();
      st.stop_promises.push_back(promise);
      if (std::exchange(st.stopping, true))
        return promise;
      for (auto& [name, c] : st.children)
        end_workers(self, c);
      if (all_gone(st))
        finish_stop(self);
      else
        wait_for_workers(self, timeout);
      return promise;
    },
    [self](atom::overdue) {
      auto& st = state_of(self);
      if (self->clock().now() < st.stop_deadline) {
        tell_overdue(self);
        return;
      }
      for (auto& [name, c] : st.children)
        for (auto& place : c.places)
          if (place.worker != nullptr) {
            st.config.log(log_level::error,
                          c.config->label
                            + ": a worker did not return; abandoned");
            ++st.abandoned;
            if (place.unit != nullptr)
              place.unit->stop(std::chrono::milliseconds{0});
            place.worker = nullptr;
          }
      finish_stop(self);
    },
  };
}

supervisor_actor spawn_supervisor(caf::actor_system& sys,
                                  supervisor_config config) {
  placement where{config.home};
  return spawn_placed(sys, std::move(where), supervisor, std::move(config));
}

} // namespace troupe
