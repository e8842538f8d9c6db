#include "troupe/actors/supervision/supervisor.hpp"

#include "troupe/actors/pool/pool.hpp"
#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/supervision/drain_care.hpp"
#include "troupe/actors/supervision/hang_care.hpp"
#include "troupe/actors/supervision/health_care.hpp"
#include "troupe/actors/supervision/remote_care.hpp"
#include "troupe/actors/supervision/report/report_care.hpp"
#include "troupe/actors/supervision/revival_care.hpp"
#include "troupe/actors/supervision/scale/scale_care.hpp"
#include "troupe/actors/supervision/sleep_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>

namespace troupe {

namespace {

using child = supervisor_state::child;

/// Runs a part of a handler. An exception ends neither SUPERVISOR, which would
/// leave everything unsupervised, nor the rest of the handler.
/// @returns whether nothing was thrown
template <class F>
bool guarded(supervisor_pointer self, const char* what, F&& f) {
  try {
    f();
    return true;
  } catch (const std::exception& e) {
    state_of(self).config.log(log_level::error, std::string{"supervisor: "}
                                                  + what
                                                  + " failed: " + e.what());
  } catch (...) {
    state_of(self).config.log(log_level::error,
                              std::string{"supervisor: "} + what + " failed");
  }
  return false;
}

/// Answers with what is wrong with an order, if anything is.
template <class F>
caf::result<atom::ready> checked(F&& f) {
  try {
    f();
  } catch (const std::exception& e) {
    return caf::make_error(caf::sec::invalid_argument, std::string{e.what()});
  }
  return atom::ready_v;
}

bool has_worker(const child& c) {
  return std::any_of(c.places.begin(), c.places.end(),
                     [](const auto& p) { return p.worker != nullptr; });
}

void end_pools(supervisor_pointer self, const child& c) {
  for (const auto& pool : c.pools)
    self->send_exit(pool, caf::exit_reason::user_shutdown);
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
  if (i == st.children.end() || !i->second.ended || has_worker(i->second))
    return;
  end_pools(self, i->second);
  st.config.board->remove(i->second.config->state);
  st.children.erase(i);
}

/// The end of a worker.
/// @returns whether `who` is one
bool on_worker_down(supervisor_pointer self, const caf::actor_addr& who,
                    const caf::error& why) {
  auto& st = state_of(self);
  const auto watched = st.watched.extract(who.id());
  if (watched.empty())
    return false;
  const auto& key = watched.mapped();
  const auto found = st.children.find(key);
  if (found == st.children.end())
    return forget_lost(self, who);
  auto& c = found->second;
  const auto place =
    std::find_if(c.places.begin(), c.places.end(), [&](const auto& p) {
      return p.worker != nullptr && p.worker.address() == who;
    });
  if (place == c.places.end())
    return forget_lost(self, who);
  const auto i = static_cast<std::uint32_t>(place - c.places.begin());
  if (is_remote(c, i))
    on_remote_end(self, c, i, text_of(why));
  else
    on_death(self, c, i, text_of(why), number_of(why));
  count_stuck(st, c);
  finish_retire(self, key);
  return true;
}

/// A queue that ends out of turn cannot be replaced: what it had is lost.
void on_pool_down(supervisor_pointer self, const caf::actor_addr& who,
                  const caf::error& why) {
  auto& st = state_of(self);
  for (const auto& [key, c] : st.children)
    for (const auto& pool : c.pools)
      if (pool.address() == who && !st.stopping)
        st.config.board->fail("the queue of " + c.config->label
                              + " ended: " + text_of(why));
}

void on_end(supervisor_pointer self, const caf::actor_addr& who,
            const caf::error& why) {
  auto& st = state_of(self);
  if (!on_worker_down(self, who, why))
    on_pool_down(self, who, why);
  if (st.stopping && st.watched.empty())
    finish_stop(self);
}

void end_workers(supervisor_pointer self, child& c) {
  for (auto& place : c.places)
    if (place.worker != nullptr) {
      self->send_exit(place.worker, caf::exit_reason::user_shutdown);
      place.watch->interrupt();
    }
}

void tell_overdue(supervisor_pointer self) {
  tell_by(self, state_of(self).stop_deadline, atom::overdue_v);
}

void wait_for_workers(supervisor_pointer self, caf::timespan timeout) {
  state_of(self).stop_deadline = self->clock().now() + timeout;
  tell_overdue(self);
}

/// Comes back to look at the workers, as long as there are any.
void arm_tick(supervisor_pointer self) {
  auto& st = state_of(self);
  if (st.tick_pending || st.stopping || st.children.empty())
    return;
  st.tick_pending = true;
  tell_later(self, look_interval(st, self->clock().now()), atom::tick_v);
}

void look_at_all(supervisor_pointer self) {
  auto& st = state_of(self);
  std::vector<std::string> keys;
  for (const auto& [key, c] : st.children)
    keys.push_back(key);
  for (const auto& key : keys)
    guarded(self, "looking at a model", [&] {
      look_for_stuck(self, key);
      if (auto& c = st.children.at(key); !c.ended) {
        look_for_sick(self, c);
        revive(self, c);
        look_at_load(self, c);
        look_for_sleep(self, c);
      }
      finish_retire(self, key);
    });
}

/// 503 when the worker was a process or a machine, which may be lost without a
/// fault of the request and has others beside it.
int died_status_of(const model_options& options) {
  return options.execution == execution_mode::process || options.nodes.enabled
           ? 503
           : 500;
}

/// Makes the n-th queue of a child.
queue_actor spawn_queue(supervisor_pointer self, const serve_order& order,
                        std::size_t n) {
  const auto& options = order.definition.options;
  const auto visits = options.execution != execution_mode::inlined;
  placement where{order.home(n), visits, nullptr};
  auto& sys = self->home_system();
  if (order.make_queue)
    return order.make_queue(sys, std::move(where));
  return spawn_placed(sys, std::move(where), pool,
                      pool_config{options.name, options.batch,
                                  options.idempotent, died_status_of(options),
                                  state_of(self).config.log, order.admission,
                                  options.queue, order.state->series()});
}

/// Takes a new model or spec in.
/// @throws what making its queues throws
queue_handles take_in(supervisor_pointer self, const serve_order_ptr& served) {
  auto& st = state_of(self);
  const auto& options = served->definition.options;
  auto key = options.name + '#' + std::to_string(++st.generation);
  child c;
  c.key = key;
  c.config = served;
  c.budget = restart_budget{options.restart};
  for (std::size_t i = 0; i < served->shards; ++i) {
    c.pools.push_back(spawn_queue(self, *served, i));
    self->monitor(c.pools.back());
  }
  supervisor_state::place place;
  place.record = {supervisor_state::place_use::local, false, false, true};
  c.places.assign(options.workers * served->shards, place);
  c.scale.range = options.workers.range();
  c.scale.policy = scale_policy{options.workers};
  auto& taken = st.children[key] = std::move(c);
  if (!served->off_board)
    st.config.board->add(served->state);
  if (taken.scale.range.max > taken.scale.range.min)
    st.config.board->scaled(*served->state, options.workers, taken.scale.range,
                            {});
  start_child(self, taken);
  if (taken.places.empty() && served->make_queue == nullptr)
    refresh(self, taken, "it waits for a node");
  arm_tick(self);
  return {taken.pools, key};
}

/// Leaves behind what does not return, and ends.
void abandon_workers(supervisor_pointer self) {
  auto& st = state_of(self);
  for (auto& [name, c] : st.children)
    for (auto& place : c.places)
      if (place.worker != nullptr) {
        st.config.log(log_level::error,
                      c.config->label + ": a worker did not return; abandoned");
        ++st.abandoned;
        if (place.unit != nullptr) {
          place.watch->orphan();
          place.unit->stop(std::chrono::milliseconds{0});
        }
        place.worker = nullptr;
      }
  st.abandoned += abandon_lost(st);
  finish_stop(self);
}

} // namespace

supervisor_state::~supervisor_state() {
  for (auto& [key, c] : children) {
    for (auto& p : c.places)
      if (p.worker != nullptr)
        caf::anon_send_exit(p.worker, caf::exit_reason::user_shutdown);
    for (auto& pool : c.pools)
      caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
  }
}

supervisor_actor::behavior_type supervisor(supervisor_pointer self,
                                           supervisor_config config) {
  state_of(self).config = std::move(config);
  on_down(self, [self](const caf::actor_addr& who, const caf::error& why) {
    guarded(self, "handling the end of a worker",
            [&] { on_end(self, who, why); });
  });
  return {
    [self](atom::serve,
           const serve_order_ptr& served) -> caf::result<queue_handles> {
      if (state_of(self).stopping)
        return caf::make_error(caf::sec::invalid_argument,
                               std::string{"stopping"});
      try {
        return take_in(self, served);
      } catch (const std::exception& e) {
        return caf::make_error(caf::sec::runtime_error, std::string{e.what()});
      }
    },
    [self](atom::retire, const std::string& of) {
      auto i = state_of(self).children.find(of);
      if (i == state_of(self).children.end() || i->second.retiring)
        return;
      i->second.retiring = true;
      auto end = [self, key = i->first] {
        if (auto j = state_of(self).children.find(key);
            j != state_of(self).children.end()) {
          j->second.ended = true;
          end_workers(self, j->second);
        }
        // A failed model, or one in its back-off, may have no worker at all.
        finish_retire(self, key);
      };
      guarded(self, "ending a model",
              [&] { drain_pools(self, i->second.pools, true, end); });
    },
    [self](atom::ready, const std::string& key, worker_index which) {
      auto i = state_of(self).children.find(key);
      if (i != state_of(self).children.end())
        guarded(self, "taking a worker in", [&] {
          if (is_remote(i->second, which.value))
            on_remote_ready(self, i->second, which.value);
          else
            on_ready(self, i->second, which.value);
        });
    },
    [self](atom::fail, const std::string& key, worker_index which) {
      on_broken(self, key, which.value);
    },
    [self](atom::adopt, const adoption_ptr& x) -> caf::result<worker_actor> {
      try {
        return adopt(self, *x);
      } catch (const std::exception& e) {
        return caf::make_error(caf::sec::invalid_argument,
                               std::string{e.what()});
      }
    },
    [self](atom::leave, const std::string& key, worker_index which) {
      auto i = state_of(self).children.find(key);
      if (i != state_of(self).children.end())
        guarded(self, "letting a worker go",
                [&] { on_remote_leave(self, i->second, which.value); });
    },
    [self](atom::scale, const std::string& model, std::uint64_t min,
           std::uint64_t max) {
      return checked([&] { set_range(self, model, {min, max}); });
    },
    [self](atom::revive, const std::string& model) {
      return checked([&] { revive_now(self, model); });
    },
    [self](atom::restart, const std::string& key, worker_index which) {
      auto& st = state_of(self);
      auto i = st.children.find(key);
      if (st.stopping || i == st.children.end() || i->second.ended
          || i->second.places[which.value].worker != nullptr
          || !i->second.places[which.value].coming)
        return;
      st.config.board->count_restart(*i->second.config->state);
      guarded(self, "a restart",
              [&] { start_worker(self, i->second, which.value); });
    },
    [self](atom::drain, bool finish) { return drain_all(self, finish); },
    [self](atom::cancel) {
      for (auto& [name, c] : state_of(self).children)
        cancel_all(self, c);
    },
    [self](atom::stop, caf::timespan timeout) -> caf::result<stop_report> {
      auto& st = state_of(self);
      auto promise = self->make_response_promise<stop_report>();
      st.stop_promises.push_back(promise);
      if (std::exchange(st.stopping, true))
        return promise;
      for (auto& [name, c] : st.children)
        end_workers(self, c);
      if (st.watched.empty())
        finish_stop(self);
      else
        wait_for_workers(self, timeout);
      return promise;
    },
    [self](atom::overdue) {
      if (self->clock().now() < state_of(self).stop_deadline)
        tell_overdue(self);
      else
        abandon_workers(self);
    },
    [self](atom::describe) { return report_of(self); },
    [self](atom::tick) {
      state_of(self).tick_pending = false;
      if (state_of(self).stopping)
        return;
      look_at_all(self);
      arm_tick(self);
    },
  };
}

supervisor_actor spawn_supervisor(caf::actor_system& sys,
                                  supervisor_config config) {
  placement where{config.home};
  return spawn_placed(sys, std::move(where), supervisor, std::move(config));
}

} // namespace troupe
