#include "troupe/actors/supervision/worker_care.hpp"

#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/supervision/report_care.hpp"

#include <algorithm>
#include <random>

namespace troupe {

namespace {

using child = supervisor_state::child;

/// How long a thread may take after its last actor has ended.
constexpr std::chrono::seconds thread_end{5};

/// How often the pause before a revival doubles.
constexpr unsigned most_doublings = 4;

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
                         index](bool x) { board->health(*state, index, x); };
    cfg.health_interval = options_of(c).restart.health_interval;
  }
  cfg.pool = pool_of(c, index);
  cfg.supervisor = static_cast<supervisor_actor>(self);
  cfg.key = c.key;
  cfg.owner = st.config.board.get();
  return cfg;
}

/// @throws std::system_error when there is no thread to be had
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

void plan_revival(supervisor_pointer self, child& c) {
  auto pause = options_of(c).restart.revive_after;
  if (pause.count() == 0)
    return;
  pause *= 1U << std::min(c.revivals, most_doublings);
  ++c.revivals;
  c.revive_at = self->clock().now() + pause;
  state_of(self).config.log(log_level::info,
                            c.config->label + " is tried again in "
                              + std::to_string(pause.count()) + " ms");
}

/// Says what follows the end of a worker, or a start that failed, and starts
/// another one later.
void decide_after(supervisor_pointer self, child& c, std::uint32_t index,
                  bool was_ready, const std::string& text,
                  std::uint64_t input) {
  auto& st = state_of(self);
  st.config.log(log_level::error,
                with_index(c, index)
                  + (was_ready ? " died: " : " could not be set up: ") + text);
  if (c.given_up) {
    if (!anybody_left(c) && !c.revive_at)
      plan_revival(self, c);
    refresh(self, c, c.config->state->reason(), text);
    return;
  }
  if (!c.was_ready) {
    // Whether it is tried again depends on the others, which may be slower.
    c.places[index].failed_first = true;
    if (anybody_left(c))
      refresh(self, c, "a worker could not be set up", text);
    else
      give_up(self, c, "it could not be set up", text);
    return;
  }
  if (start_later(self, c, index, input)) {
    refresh(self, c,
            was_ready ? "a worker died" : "a worker could not be set up", text);
  } else if (anybody_left(c)) {
    st.config.log(log_level::error, c.config->label + " died too often; "
                                      + with_index(c, index)
                                      + " is not replaced for now");
    refresh(self, c, "its workers died too often", text);
  } else {
    st.config.log(log_level::error,
                  c.config->label + " died too often; giving up");
    give_up(self, c, "its workers died too often",
            "its workers died too often, the last with: " + text);
  }
  shun(self, c, input);
}

} // namespace

double random_chance() {
  static thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(engine);
}

std::size_t local_count(const child& c) {
  return options_of(c).workers * c.config->shards;
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
  // First, so that the first of them that fails is not taken for the last.
  for (auto& place : c.places)
    place.coming = true;
  for (std::uint32_t i = 0; i < c.places.size(); ++i)
    start_worker(self, c, i);
}

void start_worker(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& place = c.places[index];
  try {
    auto cfg = config_of(self, c, index);
    auto watch = cfg.watch;
    auto spawned = spawn_worker(self, c, std::move(cfg));
    place = {};
    place.worker = std::move(spawned.worker);
    place.unit = std::move(spawned.unit);
    place.watch = std::move(watch);
    self->monitor(place.worker);
    note_start(self, c, index);
  } catch (const std::exception& e) {
    on_death(self, c, index, std::string{"it cannot be started: "} + e.what(),
             0);
  }
}

void on_ready(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& log = state_of(self).config.log;
  c.places[index].ready = true;
  if (!std::exchange(c.was_ready, true))
    log(log_level::info, c.config->label + " is ready");
  else if (c.given_up)
    log(log_level::info, c.config->label + " is ready again");
  c.given_up = false;
  c.revive_at.reset();
  c.revivals = 0;
  // Now it is known that it can be set up at all.
  for (std::uint32_t i = 0; i < c.places.size(); ++i)
    if (std::exchange(c.places[i].failed_first, false)
        && !start_later(self, c, i, 0))
      log(log_level::error, with_index(c, i) + " is not tried again for now");
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
  auto& place = c.places[index];
  const auto was_ready = place.ready;
  // Its thread may take a while: what is known is told before.
  auto unit = std::move(place.unit);
  place = {};
  if (!state_of(self).stopping && !c.ended) {
    note_end(self, c, index, text);
    decide_after(self, c, index, was_ready, text, input);
  }
  end_thread(self, unit);
}

void give_up(supervisor_pointer self, child& c, const std::string& reason,
             const std::string& detail) {
  c.given_up = true;
  for (auto& place : c.places)
    place.rests_until.reset();
  refresh(self, c, reason, detail);
  const auto text = c.config->state->refusal(model_phase::failed, reason);
  for (const auto& pool : c.pools)
    tell_from(self, pool, atom::fail_v, text);
  plan_revival(self, c);
}

void revive(supervisor_pointer self, child& c) {
  auto now = self->clock().now();
  const auto all = c.given_up && c.revive_at && *c.revive_at <= now;
  if (all) {
    c.revive_at.reset();
    c.budget = restart_budget{options_of(c).restart};
    for (std::uint32_t i = 0; i < local_count(c); ++i)
      c.places[i].coming = c.places[i].worker == nullptr;
  }
  for (std::uint32_t i = 0; i < local_count(c); ++i) {
    auto& place = c.places[i];
    const auto rested = place.rests_until && *place.rests_until <= now;
    if (place.worker != nullptr || !(all || rested))
      continue;
    place.rests_until.reset();
    state_of(self).config.board->count_restart(*c.config->state);
    start_worker(self, c, i);
  }
}

} // namespace troupe
