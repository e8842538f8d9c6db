#include "troupe/actors/supervision/worker_care.hpp"

#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/supervision/group_care.hpp"
#include "troupe/actors/supervision/leave_care.hpp"
#include "troupe/actors/supervision/report/report_care.hpp"
#include "troupe/actors/supervision/revival_care.hpp"
#include "troupe/actors/supervision/scale/scale_care.hpp"
#include "troupe/actors/supervision/sleep_care.hpp"

#include <algorithm>
#include <random>

namespace troupe {

namespace {

using child = supervisor_state::child;

/// The reason for replacing a worker whose model said that it is not well.
constexpr const char* unwell = "it was not well";

/// How long a thread may take after its last actor has ended.
constexpr std::chrono::seconds thread_end{5};

const model_options& options_of(const child& c) {
  return c.config->definition.options;
}

std::string with_index(const child& c, std::uint32_t index) {
  return c.config->label + " worker " + std::to_string(index);
}

std::size_t usable_count(const child& c) {
  return static_cast<std::size_t>(
    std::count_if(c.places.begin(), c.places.end(),
                  [](const auto& p) { return p.usable(); }));
}

model_phase phase_of(const child& c) {
  if (usable_count(c) > 0)
    return model_phase::ready;
  if (c.given_up)
    return model_phase::failed;
  if (c.sleep.asleep || c.sleep.waking)
    return c.sleep.asleep ? model_phase::unloaded : model_phase::waking;
  const auto on_nodes = options_of(c).workers == 0;
  if (on_nodes || anybody_left(c))
    return c.was_ready ? model_phase::restarting : model_phase::loading;
  return model_phase::stuck;
}

worker_config config_of(supervisor_pointer self, const child& c,
                        std::uint32_t index) {
  auto& st = state_of(self);
  worker_config cfg;
  cfg.slot = slot_of(self, c, index);
  cfg.make = c.config->definition.make;
  if (c.config->definition.has_health) {
    cfg.report_health = [board = st.config.board, state = c.config->state,
                         watch = cfg.watch, index](bool x) {
      watch->healthy(x);
      board->health(*state, index, x);
    };
    cfg.health_interval = options_of(c).restart.health_interval;
  }
  cfg.pool = pool_of(c, index);
  cfg.supervisor = static_cast<supervisor_actor>(self);
  cfg.key = c.key;
  cfg.owner = st.config.board.get();
  return cfg;
}

/// @throws std::system_error when no thread can be started
spawned_worker spawn_worker(supervisor_pointer self, const child& c,
                            worker_config cfg) {
  const auto& config = state_of(self).config;
  if (config.before_spawn)
    config.before_spawn();
  auto& sys = self->home_system();
  spawned_worker result;
  if (options_of(c).execution != execution_mode::inlined && config.threads) {
    result.unit = std::make_shared<thread_unit>(sys);
    // The code that ends the thread waits for the worker, or leaves it behind.
    result.worker =
      spawn_hidden(sys, placement{result.unit}, worker, std::move(cfg));
  } else {
    placement where{c.config->home(cfg.slot.index), false, c.config->setup};
    result.worker = spawn_placed(sys, std::move(where), worker, std::move(cfg));
  }
  return result;
}

/// Starts a worker after a back-off, or later if the budget is used up.
/// @returns whether after a back-off
bool start_later(supervisor_pointer self, child& c, std::uint32_t index,
                 std::uint64_t input) {
  auto now = self->clock().now();
  auto backoff = c.budget.spend(now, input, state_of(self).config.chance());
  auto& place = c.places[index];
  if (backoff) {
    place.coming = true;
    tell_later(self, *backoff, atom::restart_v, c.key, worker_index{index});
    return true;
  }
  if (auto pause = options_of(c).restart.revive_after; pause.count() > 0)
    place.rests_until = now + pause;
  return false;
}

/// Lets the pools refuse an input of which workers died more than once.
void shun(supervisor_pointer self, child& c, std::uint64_t input) {
  constexpr std::size_t enough = 2;
  if (c.budget.deaths_of(input) < enough)
    return;
  auto window = options_of(c).restart.window;
  state_of(self).config.log(
    log_level::error, c.config->label
                        + ": workers died of one input again; it is refused "
                          "for "
                        + std::to_string(window.count()) + " ms");
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::shun_v, input, caf::timespan{window});
}

/// The same for a place in which no worker was ready yet. How often it may fail
/// depends neither on how long that takes nor on the other workers.
bool try_again(supervisor_pointer self, child& c, std::uint32_t index) {
  const auto& options = options_of(c).restart;
  auto& place = c.places[index];
  if (++place.record.failures > options.max_restarts) {
    if (options.revive_after.count() > 0)
      place.rests_until = self->clock().now() + options.revive_after;
    return false;
  }
  place.coming = true;
  const auto backoff = backoff_after(options, place.record.failures,
                                     state_of(self).config.chance());
  tell_later(self, backoff, atom::restart_v, c.key, worker_index{index});
  return true;
}

/// Whether to say at once that the model cannot be set up, because it was only
/// to replace one that serves.
bool fails_at_once(const child& c) {
  return c.config->off_board && !c.was_ready
         && std::none_of(c.places.begin(), c.places.end(), [](const auto& p) {
              return p.worker != nullptr
                     || (p.coming && p.record.failures == 0);
            });
}

/// No worker can be tried again for now.
void on_last_loss(supervisor_pointer self, child& c, bool was_ready,
                  const std::string& text) {
  const std::string why =
    was_ready ? "its workers died too often" : "it could not be set up";
  if (was_ready)
    state_of(self).config.log(log_level::error,
                              c.config->label + " died too often; giving up");
  give_up(self, c, why, was_ready ? why + ", the last with: " + text : text);
}

/// Decides whether and when another worker takes the place of one that is lost.
void on_loss(supervisor_pointer self, child& c, std::uint32_t index,
             bool was_ready, const std::string& text, std::uint64_t input) {
  auto& place = c.places[index];
  const auto is_free = place.record.use == supervisor_state::place_use::free;
  const auto proven = place.record.proven;
  const auto again = !is_free
                     && (proven ? start_later(self, c, index, input)
                                : try_again(self, c, index));
  if (again && !fails_at_once(c)) {
    refresh(self, c,
            was_ready ? "a worker died" : "a worker could not be set up", text);
    if (proven)
      restart_group(self, c, index);
  } else if (!again && anybody_left(c)) {
    state_of(self).config.log(
      log_level::error,
      c.config->label
        + (proven ? " died too often; " : " could not be set up; ")
        + with_index(c, index) + " is not replaced for now");
    refresh(self, c,
            proven ? "its workers died too often"
                   : "a worker could not be set up",
            text);
  } else {
    on_last_loss(self, c, c.was_ready, text);
  }
  shun(self, c, input);
}

/// Goes on after the end of a worker about which nothing was decided before.
void go_on_after(supervisor_pointer self, child& c, std::uint32_t index,
                 bool was_ready, const std::string& text, std::uint64_t input) {
  if (const auto& record = c.places[index].record;
      record.grown && !record.proven) {
    on_failed_growth(self, c, index);
    if (anybody_left(c))
      return;
  }
  if (c.given_up) {
    if (!anybody_left(c) && !c.revive_at)
      plan_revival(self, c);
    refresh(self, c, c.config->state->reason(), text);
    return;
  }
  on_loss(self, c, index, was_ready, text, input);
}

/// Says what follows the end of a worker, or a start that failed.
void decide_after(supervisor_pointer self, child& c, std::uint32_t index,
                  const std::string& text, std::uint64_t input) {
  auto& st = state_of(self);
  auto& place = c.places[index];
  const auto was_ready = place.ready || place.leaves;
  const auto left = place.leaves;
  const auto told = place.told;
  const auto then = place.then;
  st.config.board->health(*c.config->state, index, true);
  place.vacate();
  if (st.stopping || c.ended)
    return;
  if (!told) {
    st.config.log(log_level::error,
                  with_index(c, index)
                    + (was_ready ? " died: " : " could not be set up: ")
                    + text);
    note_end(self, c, index, text);
  } else if (then == supervisor_state::after_leave::replace) {
    note_end(self, c, index, unwell);
  }
  const auto stays = then == supervisor_state::after_leave::restart
                     || then == supervisor_state::after_leave::replace
                     || then == supervisor_state::after_leave::wake;
  if (left && (told || !stays) && on_left(self, c, index, then))
    return;
  const auto refuses = load_failed(c, index);
  go_on_after(self, c, index, was_ready, told ? unwell : text, input);
  if (refuses)
    refuse_waiting(self, c);
}

} // namespace

double random_chance() {
  static thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(engine);
}

std::size_t local_count(const child& c) {
  return static_cast<std::size_t>(
    std::count_if(c.places.begin(), c.places.end(),
                  [](const auto& p) { return p.is_local(); }));
}

child* find_model(supervisor_state& st, const std::string& name) {
  for (auto& [key, c] : st.children)
    if (options_of(c).name == name && !c.retiring && !c.config->make_queue)
      return &c;
  return nullptr;
}

std::uint32_t free_place(child& c) {
  auto i = std::find_if(c.places.begin(), c.places.end(), [](const auto& p) {
    return p.record.use == supervisor_state::place_use::free;
  });
  const auto index = static_cast<std::uint32_t>(i - c.places.begin());
  if (i == c.places.end())
    c.places.emplace_back();
  return index;
}

worker_slot slot_of(supervisor_pointer self, const child& c,
                    std::uint32_t index) {
  const auto& config = state_of(self).config;
  const auto& options = options_of(c);
  worker_slot result;
  result.model = options.name;
  result.index = index;
  result.device = options.device;
  result.log = log_of_worker(config.log, c);
  result.values = config.values;
  result.callbacks = config.callbacks;
  result.pure = options.pure;
  return result;
}

const queue_actor& pool_of(const child& c, std::uint32_t index) {
  return c.pools[index % c.pools.size()];
}

bool anybody_left(const child& c) {
  return std::any_of(c.places.begin(), c.places.end(),
                     [](const auto& p) { return p.counts(); });
}

void refresh(supervisor_pointer self, child& c, const std::string& reason,
             const std::string& detail) {
  // A child that retires anyway is not a failure of the server.
  if (c.retiring && c.given_up)
    return;
  state_of(self).config.board->update(*c.config->state, phase_of(c),
                                      usable_count(c), detail, reason);
}

void end_thread(supervisor_pointer self, std::shared_ptr<thread_unit>& unit) {
  if (unit == nullptr)
    return;
  if (!unit->stop(thread_end))
    state_of(self).config.log(log_level::error,
                              "a worker's thread did not end");
  unit = nullptr;
}

void start_workers(supervisor_pointer self, child& c) {
  // First, so that the first worker that fails is not taken for the last one.
  for (auto& place : c.places)
    place.coming = true;
  for (std::uint32_t i = 0; i < c.places.size(); ++i)
    start_worker(self, c, i);
}

void watch_worker(supervisor_pointer self, const child& c,
                  const worker_actor& worker) {
  state_of(self).watched.emplace(worker.id(), c.key);
  self->monitor(worker);
}

void start_worker(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& place = c.places[index];
  try {
    auto cfg = config_of(self, c, index);
    auto watch = cfg.watch;
    auto spawned = spawn_worker(self, c, std::move(cfg));
    place.vacate();
    place.worker = std::move(spawned.worker);
    place.unit = std::move(spawned.unit);
    place.watch = std::move(watch);
    watch_worker(self, c, place.worker);
    note_start(self, c, index);
  } catch (const std::exception& e) {
    on_death(self, c, index, std::string{"it cannot be started: "} + e.what(),
             0);
  }
}

void on_ready(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& log = state_of(self).config.log;
  auto& place = c.places[index];
  if (place.leaves) {
    retire_worker(self, c, index);
    return;
  }
  place.ready = true;
  place.record.failures = 0;
  if (!std::exchange(c.was_ready, true))
    log(log_level::info, c.config->label + " is ready");
  else if (c.given_up)
    log(log_level::info, c.config->label + " is ready again");
  c.given_up = false;
  c.sleep.waking = false;
  c.revive_at.reset();
  c.revivals = 0;
  on_proven(c, index);
  refresh(self, c);
}

void on_broken(supervisor_pointer self, const std::string& key,
               std::uint32_t index) {
  auto& st = state_of(self);
  auto i = st.children.find(key);
  if (i == st.children.end() || st.stopping || i->second.ended
      || index >= i->second.places.size()
      || i->second.places[index].worker == nullptr)
    return;
  auto& place = i->second.places[index];
  place.ending = true;
  if (place.ready && !i->second.given_up)
    refresh(self, i->second, "a worker died");
}

void on_death(supervisor_pointer self, child& c, std::uint32_t index,
              const std::string& text, std::uint64_t input) {
  // Its thread may take a while: what is known is told before.
  auto unit = std::move(c.places[index].unit);
  decide_after(self, c, index, text, input);
  end_thread(self, unit);
}

} // namespace troupe
