#include "troupe/actors/supervision/report/report_care.hpp"

#include "troupe/actors/supervision/remote_care.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

using supervised = supervisor_state::child;
using time_point = supervisor_state::time_point;

std::chrono::milliseconds span_of(time_point from, time_point to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

worker_phase phase_of_place(const supervisor_state::place& x,
                            const worker_watch::glance& now) {
  if (x.worker == nullptr)
    return x.coming ? worker_phase::waits : worker_phase::ended;
  if (x.stuck)
    return worker_phase::stuck;
  if (x.leaves)
    return worker_phase::leaves;
  if (!x.ready)
    return worker_phase::starting;
  return now.inside ? worker_phase::busy : worker_phase::idle;
}

worker_report worker_at(const supervised& c, std::uint32_t index,
                        time_point now) {
  const auto& place = c.places[index];
  worker_report result;
  result.index = index;
  worker_watch::glance seen;
  if (place.watch != nullptr)
    seen = place.watch->look();
  result.phase = phase_of_place(place, seen);
  result.calls = seen.calls;
  if (place.worker != nullptr)
    result.id = place.worker.id();
  result.has_thread = place.unit != nullptr;
  auto i = c.histories.find(index);
  if (i == c.histories.end())
    return result;
  const auto& past = i->second;
  result.node = past.node;
  result.restarts = past.starts > 1 ? past.starts - 1 : 0;
  if (place.worker != nullptr)
    result.age = span_of(past.since, now);
  if (!past.last_error.empty()) {
    result.last_error = past.last_error;
    result.error_age = span_of(past.error_at, now);
  }
  return result;
}

worker_report left_behind(const supervisor_state::lost_worker& x,
                          time_point now) {
  worker_report result;
  result.id = x.worker.worker.id();
  result.phase = worker_phase::stuck;
  result.has_thread = true;
  result.calls = x.watch->look().calls;
  result.age = span_of(x.since, now);
  return result;
}

} // namespace

std::string_view to_string(worker_phase x) noexcept {
  switch (x) {
    case worker_phase::idle:
      return "idle";
    case worker_phase::busy:
      return "busy";
    case worker_phase::starting:
      return "starting";
    case worker_phase::waits:
      return "waits to start again";
    case worker_phase::ended:
      return "ended";
    case worker_phase::stuck:
      return "stuck";
    case worker_phase::leaves:
      return "leaves";
  }
  return "unknown";
}

void note_start(supervisor_pointer self, supervised& c, std::uint32_t index,
                const std::string& node) {
  auto& past = c.histories[index];
  past.since = self->clock().now();
  ++past.starts;
  past.node = node;
}

void note_end(supervisor_pointer self, supervised& c, std::uint32_t index,
              const std::string& why) {
  auto& past = c.histories[index];
  past.last_error = why;
  past.error_at = self->clock().now();
  c.config->state->errors().add("worker " + std::to_string(index)
                                + " ended: " + why);
}

log_sink log_of_worker(const log_sink& log, const supervised& c) {
  return
    [log, state = c.config->state](log_level level, std::string_view text) {
      if (level == log_level::error)
        state->errors().add(text);
      log(level, text);
    };
}

supervision_report_ptr report_of(supervisor_pointer self) {
  const auto& st = state_of(self);
  const auto now = self->clock().now();
  auto result = std::make_shared<supervision_report>();
  for (const auto& [key, c] : st.children) {
    child_report x;
    x.owner = c.config->definition.options.name;
    x.kind = c.config->state->kind();
    x.retires = c.retiring;
    x.inlined =
      c.config->definition.options.execution == execution_mode::inlined;
    for (const auto& queue : c.pools)
      x.queues.push_back(queue.id());
    for (std::uint32_t i = 0; i < c.places.size(); ++i) {
      // A place that no worker is to take is left out.
      if (c.places[i].worker == nullptr
          && (c.sleep.asleep || is_remote(c, i)
              || c.places[i].record.use == supervisor_state::place_use::free))
        continue;
      x.workers.push_back(worker_at(c, i, now));
    }
    for (const auto& lost : st.lost)
      if (lost.key == key)
        x.left_behind.push_back(left_behind(lost, now));
    result->children.push_back(std::move(x));
  }
  return result;
}

} // namespace troupe
