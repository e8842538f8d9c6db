#include "troupe/actors/supervision/scale/scale_care.hpp"

#include "troupe/actors/supervision/leave_care.hpp"
#include "troupe/actors/supervision/worker_care.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace troupe {

namespace {

using child = supervisor_state::child;
using std::chrono::milliseconds;

constexpr std::size_t most_workers = 1024;

std::string in_words(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " worker" : " workers");
}

/// Tells everybody how many workers there should be.
void tell_scale(supervisor_pointer self, child& c, const std::string& why) {
  const auto n = c.sleep.asleep ? c.scale.range.min : local_count(c);
  state_of(self).config.board->scaled(*c.config->state, n, c.scale.range, why);
  refresh(self, c, c.config->state->reason(), c.config->state->detail());
}

/// Logs a change. @returns what it was
std::string log_step(supervisor_pointer self, const child& c, const char* verb,
                     std::size_t from, std::size_t to, const std::string& why) {
  std::string result{verb};
  result.append(" from ").append(in_words(from)).append(" to ");
  result.append(std::to_string(to)).append(": ").append(why);
  state_of(self).config.log(log_level::info, c.config->label + " " + result);
  return result;
}

void grow(supervisor_pointer self, child& c, std::size_t to,
          const std::string& why) {
  const auto from = local_count(c);
  const auto text = log_step(self, c, "grew", from, to, why);
  std::vector<std::uint32_t> fresh;
  for (auto n = from; n < to; ++n) {
    const auto index = free_place(c);
    auto& place = c.places[index];
    place = {};
    place.record.use = supervisor_state::place_use::local;
    place.record.grown = true;
    place.coming = true;
    fresh.push_back(index);
  }
  tell_scale(self, c, text);
  for (auto index : fresh)
    start_worker(self, c, index);
}

/// Returns a rank: workers of a lower rank are taken away first.
int value_of(const supervisor_state::place& x) {
  if (x.usable())
    return 3;
  if (x.worker != nullptr)
    return x.stuck ? 1 : 2;
  return 0;
}

void shrink(supervisor_pointer self, child& c, std::size_t to,
            const std::string& why) {
  const auto from = local_count(c);
  const auto text = log_step(self, c, "shrank", from, to, why);
  std::vector<std::uint32_t> local;
  for (std::uint32_t i = 0; i < c.places.size(); ++i)
    if (c.places[i].is_local())
      local.push_back(i);
  // The last first, so that the places stay few.
  std::stable_sort(local.begin(), local.end(), [&](auto a, auto b) {
    const auto x = value_of(c.places[a]);
    const auto y = value_of(c.places[b]);
    return x != y ? x < y : a > b;
  });
  for (std::size_t i = 0; i < from - to; ++i)
    let_go(self, c, local[i], supervisor_state::after_leave::release);
  tell_scale(self, c, text);
}

bool is_coming(const child& c) {
  return std::any_of(c.places.begin(), c.places.end(), [](const auto& p) {
    return p.is_local()
           && (p.coming || p.renews() || (p.worker != nullptr && !p.ready));
  });
}

/// Whether workers may be added now.
bool may_grow(supervisor_pointer self, const child& c) {
  return !c.given_up && c.was_ready
         && self->clock().now() >= c.scale.not_before;
}

/// Does what the policy says about a look at the queue.
void on_status(supervisor_pointer self, child& c, const pool_status& x) {
  if (c.retiring || c.given_up || c.sleep.asleep || state_of(self).stopping)
    return;
  const auto& batch = c.config->definition.options.batch;
  load_sample seen;
  seen.workers = local_count(c);
  seen.settled = !is_coming(c);
  seen.waiting = x.idle_workers == 0 ? x.queued : 0;
  seen.calls = x.calls;
  seen.capacity = x.capacity;
  const auto ready = std::max<std::size_t>(c.config->state->ready_workers(), 1);
  seen.per_worker = std::max<std::size_t>(batch.max_size, x.capacity / ready);
  const auto n =
    c.scale.policy.decide(self->clock().now(), seen, c.scale.range);
  if (n > seen.workers && may_grow(self, c))
    grow(self, c, n,
         std::to_string(seen.waiting)
           + (seen.waiting == 1 ? " request waited" : " requests waited"));
  else if (n < seen.workers)
    shrink(self, c, n, "they had little to do");
}

void ask_queue(supervisor_pointer self, child& c) {
  c.scale.asked = true;
  auto with_child = [self, key = c.key](auto f) {
    auto i = state_of(self).children.find(key);
    if (i == state_of(self).children.end())
      return;
    i->second.scale.asked = false;
    f(i->second);
  };
  self->request(c.pools.front(), caf::infinite, atom::status_v)
    .then(
      [self, with_child](const pool_status& x) {
        with_child([&](child& found) { on_status(self, found, x); });
      },
      [with_child](const caf::error&) { with_child([](child&) {}); });
}

} // namespace

std::string why_not_scaled(const model_definition& x) {
  if (x.pipeline)
    return "is a pipeline without workers of its own; name a model that it "
           "asks";
  if (x.options.execution == execution_mode::inlined)
    return "is inline, with the same workers on each I/O thread at all times; "
           "set its execution to \"dedicated\"";
  return x.options.workers == 0 ? "has its workers on nodes only" : "";
}

void set_range(supervisor_pointer self, const std::string& model,
               worker_range range) {
  auto& st = state_of(self);
  auto* c = find_model(st, model);
  if (c == nullptr || st.stopping)
    throw std::invalid_argument("model " + model + " is not served here");
  if (auto why = why_not_scaled(c->config->definition); !why.empty())
    throw std::invalid_argument("model " + model + ' ' + why);
  if (range.min < 1 || range.max < range.min || range.max > most_workers)
    throw std::invalid_argument(
      "expected from 1 to 1024 workers, and a maximum that is not below the "
      "minimum");
  c->scale.range = range;
  c->scale.not_before = {};
  c->scale.failures = 0;
  c->scale.policy.reset(self->clock().now());
  tell_scale(self, *c,
             range.min == range.max ? "set to " + in_words(range.min)
                                    : "set to " + std::to_string(range.min)
                                        + " to " + in_words(range.max));
  look_at_load(self, *c);
}

void look_at_load(supervisor_pointer self, child& c) {
  const auto& range = c.scale.range;
  if (c.retiring || c.sleep.asleep || c.config->make_queue
      || c.pools.size() != 1)
    return;
  const auto n = local_count(c);
  if (n > range.max) {
    shrink(self, c, range.max, "more than the most that are wanted");
  } else if (n < range.min) {
    if (may_grow(self, c))
      grow(self, c, range.min, "fewer than the least that are wanted");
  } else if (range.min < range.max && c.was_ready && !c.given_up
             && !c.scale.asked) {
    ask_queue(self, c);
  }
}

void on_proven(child& c, std::uint32_t index) {
  auto& record = c.places[index].record;
  if (std::exchange(record.proven, true) || !record.grown)
    return;
  c.scale.failures = 0;
  if (c.config->admission == nullptr)
    return;
  record.in_bound = true;
  c.config->admission->grow(c.config->definition.options.batch.max_size);
}

void on_failed_growth(supervisor_pointer self, child& c, std::uint32_t index) {
  auto& st = state_of(self);
  release_place(self, c, index);
  auto options = c.config->definition.options.restart;
  options.max_backoff = std::max(options.max_backoff, options.revive_after);
  ++c.scale.failures;
  const auto pause =
    backoff_after(options, c.scale.failures, st.config.chance());
  const auto now = self->clock().now();
  c.scale.not_before = std::max(c.scale.not_before, now + pause);
  c.scale.policy.reset(now);
  const auto text = "another worker could not be set up; it is tried again in "
                    + std::to_string(pause.count()) + " ms at the earliest";
  st.config.log(log_level::warning, c.config->label + ": " + text);
  tell_scale(self, c, text);
}

} // namespace troupe
