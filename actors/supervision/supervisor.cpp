#include "troupe/actors/supervision/supervisor.hpp"

#include "troupe/actors/pool/pool.hpp"
#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/supervision/hang_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>

namespace troupe {

namespace {

using child = supervisor_state::child;

const model_options& options_of(const child& c) {
  return c.config->definition.options;
}

/// Runs a part of a handler. What it throws ends neither SUPERVISOR, which
/// would leave everything without supervision, nor what else the handler does.
/// @returns whether nothing was thrown
template <class F>
bool guarded(supervisor_pointer self, const char* what, F&& f) {
  try {
    f();
    return true;
  } catch (const std::exception& e) {
    self->state.config.log(log_level::error, std::string{"supervisor: "} + what
                                               + " failed: " + e.what());
  } catch (...) {
    self->state.config.log(log_level::error,
                           std::string{"supervisor: "} + what + " failed");
  }
  return false;
}

bool has_worker(const child& c) {
  return std::any_of(c.places.begin(), c.places.end(),
                     [](const auto& p) { return p.worker != nullptr; });
}

bool all_gone(const supervisor_state& st) {
  return st.lost.empty()
         && std::none_of(
           st.children.begin(), st.children.end(),
           [](const auto& kvp) { return has_worker(kvp.second); });
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
void drain_pools(supervisor_pointer self, const std::vector<pool_actor>& pools,
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
  for (const auto& pool : pools)
    self->request(pool, caf::infinite, atom::drain_v, finish_queued)
      .then([one_less](atom::drained) mutable { one_less(); },
            [one_less](const caf::error&) mutable { one_less(); });
}

void finish_stop(supervisor_pointer self) {
  auto& st = self->state;
  for (auto& [name, c] : st.children)
    end_pools(self, c);
  for (auto& promise : st.stop_promises)
    promise.deliver(st.abandoned);
  st.stop_promises.clear();
  st.children.clear();
  self->quit();
}

/// Finds the child of that name that is not on its way out.
auto find_serving(supervisor_state& st, const std::string& name) {
  return std::find_if(st.children.begin(), st.children.end(), [&](auto& kvp) {
    return !kvp.second.retiring && options_of(kvp.second).name == name;
  });
}

/// Removes a retiring child once its last worker is gone.
void finish_retire(supervisor_pointer self, const std::string& key) {
  auto& st = self->state;
  auto i = st.children.find(key);
  if (i == st.children.end() || !i->second.ended || has_worker(i->second))
    return;
  end_pools(self, i->second);
  st.config.board->remove(i->second.config->state);
  st.children.erase(i);
}

/// The end of a worker.
/// @returns whether `dm` is of one
bool on_worker_down(supervisor_pointer self, const caf::down_msg& dm) {
  auto& st = self->state;
  for (auto& [key, c] : st.children)
    for (std::uint32_t i = 0; i < c.places.size(); ++i) {
      auto& worker = c.places[i].worker;
      if (worker == nullptr || worker.address() != dm.source)
        continue;
      on_death(self, c, i, text_of(dm.reason), number_of(dm.reason));
      count_stuck(st, c);
      finish_retire(self, std::string{key});
      return true;
    }
  return forget_lost(self, dm.source);
}

/// A pool that ends out of turn cannot be made good: what it had is lost.
void on_pool_down(supervisor_pointer self, const caf::down_msg& dm) {
  auto& st = self->state;
  for (const auto& [key, c] : st.children)
    for (const auto& pool : c.pools)
      if (pool.address() == dm.source && !st.stopping)
        st.config.board->fail("the queue of " + c.config->label
                              + " ended: " + text_of(dm.reason));
}

void on_down(supervisor_pointer self, const caf::down_msg& dm) {
  auto& st = self->state;
  if (!on_worker_down(self, dm))
    on_pool_down(self, dm);
  if (st.stopping && all_gone(st))
    finish_stop(self);
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
  auto left = self->state.stop_deadline - self->clock().now();
  tell_later(self, std::min<deadline_clock::duration>(left, longest),
             atom::overdue_v);
}

void wait_for_workers(supervisor_pointer self,
                      std::chrono::milliseconds timeout) {
  self->state.stop_deadline = self->clock().now() + timeout;
  tell_overdue(self);
}

/// Comes back to look at the workers, as long as there are any.
void arm_tick(supervisor_pointer self) {
  auto& st = self->state;
  if (st.tick_pending || st.stopping || st.children.empty())
    return;
  st.tick_pending = true;
  tell_later(self, look_interval(st), atom::tick_v);
}

void look_at_all(supervisor_pointer self) {
  auto& st = self->state;
  std::vector<std::string> keys;
  for (const auto& [key, c] : st.children)
    keys.push_back(key);
  for (const auto& key : keys)
    guarded(self, "the look at a model", [&] {
      look_for_stuck(self, key);
      if (auto& c = st.children.at(key); !c.ended)
        revive(self, c);
      finish_retire(self, key);
    });
}

/// Takes a new model in.
/// @throws what making its pools throws
pool_handles take_in(supervisor_pointer self, const serve_order_ptr& served) {
  auto& st = self->state;
  const auto& options = served->definition.options;
  auto key = options.name + '#' + std::to_string(++st.generation);
  child c;
  c.key = key;
  c.config = served;
  c.budget = restart_budget{options.restart};
  for (std::size_t i = 0; i < served->shards; ++i) {
    c.pools.push_back(self->spawn(
      pool, pool_options{options.name, options.batch, options.idempotent,
                         st.config.log, served->gate}));
    self->monitor(c.pools.back());
  }
  c.places.resize(options.workers * served->shards);
  auto& taken = st.children[key] = std::move(c);
  st.config.board->add(served->state);
  start_workers(self, taken);
  arm_tick(self);
  return {taken.pools};
}

/// Leaves behind what does not return, and ends.
void abandon_workers(supervisor_pointer self) {
  auto& st = self->state;
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

/// Asks every pool for its drain and answers when all have.
caf::result<atom::drained> drain_all(supervisor_pointer self,
                                     bool finish_queued) {
  auto promise = self->make_response_promise<atom::drained>();
  std::vector<pool_actor> pools;
  for (const auto& [name, c] : self->state.children)
    pools.insert(pools.end(), c.pools.begin(), c.pools.end());
  drain_pools(self, pools, finish_queued,
              [promise]() mutable { promise.deliver(atom::drained_v); });
  return promise;
}

class scheduled_supervisor final
  : public supervisor_actor::stateful_base<supervisor_state> {
public:
  using super = supervisor_actor::stateful_base<supervisor_state>;

  scheduled_supervisor(caf::actor_config& cfg, supervisor_config config)
    : super(cfg), config_(std::move(config)) {
    // nop
  }

  using super::enqueue;

  void enqueue(caf::mailbox_element_ptr ptr, caf::execution_unit*) override {
    super::enqueue(std::move(ptr), nullptr);
  }

  behavior_type make_behavior() override {
    return supervisor(this, std::move(config_));
  }

private:
  supervisor_config config_;
};

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
  self->state.config = std::move(config);
  self->set_down_handler([self](const caf::down_msg& dm) {
    guarded(self, "what follows an end", [&] { on_down(self, dm); });
  });
  return {
    [self](atom::serve,
           const serve_order_ptr& served) -> caf::result<pool_handles> {
      auto& st = self->state;
      const auto& name = served->definition.options.name;
      if (st.stopping || find_serving(st, name) != st.children.end())
        return caf::make_error(caf::sec::invalid_argument,
                               st.stopping
                                 ? std::string{"stopping"}
                                 : "\"" + name + "\" is served already");
      try {
        return take_in(self, served);
      } catch (const std::exception& e) {
        return caf::make_error(caf::sec::runtime_error, std::string{e.what()});
      }
    },
    [self](atom::retire, const std::string& name) {
      auto i = find_serving(self->state, name);
      if (i == self->state.children.end())
        return;
      i->second.retiring = true;
      auto end = [self, key = i->first] {
        if (auto j = self->state.children.find(key);
            j != self->state.children.end()) {
          j->second.ended = true;
          end_workers(self, j->second);
        }
        // A failed model, or one in its back-off, may have no worker at all.
        finish_retire(self, key);
      };
      guarded(self, "the end of a model",
              [&] { drain_pools(self, i->second.pools, true, end); });
    },
    [self](atom::ready, const std::string& key, std::uint32_t index) {
      auto i = self->state.children.find(key);
      if (i != self->state.children.end())
        guarded(self, "taking a worker in",
                [&] { on_ready(self, i->second, index); });
    },
    [self](atom::restart, const std::string& key, std::uint32_t index) {
      auto& st = self->state;
      auto i = st.children.find(key);
      if (st.stopping || i == st.children.end() || i->second.ended
          || i->second.places[index].worker != nullptr)
        return;
      st.config.board->count_restart(*i->second.config->state);
      guarded(self, "a restart", [&] { start_worker(self, i->second, index); });
    },
    [self](atom::drain, bool finish_queued) {
      return drain_all(self, finish_queued);
    },
    [self](atom::cancel) {
      for (auto& [name, c] : self->state.children)
        cancel_pools(self, c);
    },
    [self](atom::stop, std::uint32_t timeout_ms) -> caf::result<std::uint32_t> {
      auto& st = self->state;
      auto promise = self->make_response_promise<std::uint32_t>();
      st.stop_promises.push_back(promise);
      if (std::exchange(st.stopping, true))
        return promise;
      for (auto& [name, c] : st.children)
        end_workers(self, c);
      if (all_gone(st))
        finish_stop(self);
      else
        wait_for_workers(self, std::chrono::milliseconds{timeout_ms});
      return promise;
    },
    [self](atom::overdue) {
      if (self->clock().now() < self->state.stop_deadline)
        tell_overdue(self);
      else
        abandon_workers(self);
    },
    [self](atom::tick) {
      auto& st = self->state;
      st.tick_pending = false;
      if (st.stopping)
        return;
      look_at_all(self);
      arm_tick(self);
    },
  };
}

supervisor_actor spawn_supervisor(caf::actor_system& sys,
                                  supervisor_config config) {
  return sys.spawn<scheduled_supervisor>(std::move(config));
}

} // namespace troupe
