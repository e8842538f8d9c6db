#include "troupe/http/builtins/metrics.hpp"

#include "troupe/http/builtins/metrics_writer.hpp"
#include "troupe/http/builtins/model_metrics.hpp"
#include "troupe/http/builtins/process_metrics.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using writer = metrics_writer;

void add_traffic(writer& out, const traffic_counters& t) {
  out.family("troupe_requests_failed_total", "counter",
             "Requests that failed, by the reason.");
  for (std::size_t i = 1; i < errc_end; ++i)
    out.sample({{"reason", to_string(static_cast<errc>(i))}},
               t.failed[i].load(std::memory_order_relaxed));
  out.family("troupe_requests_active", "gauge",
             "Requests whose answer is not complete.");
  out.sample({}, t.active.load());
}

void add_build(writer& out) {
  out.family("troupe_build_info", "gauge",
             "Always 1; the labels say what runs here.");
  out.sample({{"version", TROUPE_VERSION}, {"compiler", __VERSION__}},
             std::uint64_t{1});
}

using states = std::vector<std::shared_ptr<model_state>>;

/// Adds a family with a sample for each state.
template <class F>
void add_family(writer& out, const states& all, std::string_view label,
                std::string_view name, std::string_view type,
                std::string_view help, F value) {
  out.family(name, type, help);
  for (const auto& m : all)
    out.sample({{label, m->name()}}, std::uint64_t{std::invoke(value, *m)});
}

void add_models(writer& out, const states& models) {
  auto each = [&](std::string_view name, std::string_view type,
                  std::string_view help, auto value) {
    add_family(out, models, "model", name, type, help, value);
  };
  each("troupe_model_pending_requests", "gauge",
       "Requests that have a place in a model: those that wait or run, and "
       "those on the way.",
       &model_state::pending);
  each("troupe_model_workers", "gauge", "Workers a model should have.",
       &model_state::workers);
  each("troupe_model_ready_workers", "gauge", "Workers that are set up.",
       &model_state::ready_workers);
  each("troupe_model_stuck_workers", "gauge",
       "Workers that do not come back from a call that nobody waits for.",
       &model_state::stuck_workers);
  each("troupe_model_ready", "gauge", "Whether a model is ready.",
       [](const model_state& m) -> std::uint64_t {
         return m.phase() == model_phase::ready ? 1 : 0;
       });
  each(
    "troupe_model_unloaded", "gauge",
    "Whether a model has no workers for want of requests; the next one loads "
    "it.",
    [](const model_state& m) -> std::uint64_t {
      return m.phase() == model_phase::unloaded ? 1 : 0;
    });
  each("troupe_model_healthy", "gauge",
       "Whether every worker's health hook says yes and none is stuck.",
       [](const model_state& m) -> std::uint64_t {
         return m.healthy() && m.stuck_workers() == 0 ? 1 : 0;
       });
}

/// Of models that have a cache.
void add_caches(writer& out, states models) {
  std::erase_if(models, [](const auto& m) { return m->cache == nullptr; });
  if (models.empty())
    return;
  auto each = [&](std::string_view name, std::string_view type,
                  std::string_view help, auto member) {
    add_family(
      out, models, "model", name, type, help, [member](const model_state& m) {
        return (m.cache.get()->*member).load(std::memory_order_relaxed);
      });
  };
  using counts = cache_counters;
  each("troupe_cache_hits_total", "counter",
       "Requests that were answered with a kept answer.", &counts::hits);
  each("troupe_cache_misses_total", "counter",
       "Requests for which there was no kept answer.", &counts::misses);
  each("troupe_cache_shared_total", "counter",
       "Requests that got the answer to an equal one that was in work.",
       &counts::shared);
  each("troupe_cache_evicted_total", "counter",
       "Kept answers that made room for others.", &counts::evicted);
  each("troupe_cache_entries", "gauge", "Answers that are kept.",
       &counts::entries);
  each("troupe_cache_bytes", "gauge",
       "Memory that kept answers take, with their keys.", &counts::bytes);
}

/// Of specs whose handlers have threads of their own.
void add_handlers(writer& out, const states& handlers) {
  if (handlers.empty())
    return;
  auto each = [&](std::string_view name, std::string_view type,
                  std::string_view help, auto value) {
    add_family(out, handlers, "spec", name, type, help, value);
  };
  each("troupe_spec_pending_requests", "gauge",
       "Requests that wait for a handler of a spec or run in one.",
       &model_state::pending);
  each("troupe_spec_handlers", "gauge",
       "Threads that should run a spec's handlers.", &model_state::workers);
  each("troupe_spec_handlers_ready", "gauge",
       "Threads that run a spec's handlers.", &model_state::ready_workers);
  each("troupe_spec_handlers_stuck", "gauge",
       "Threads that do not come back from a handler that nobody waits for.",
       &model_state::stuck_workers);
  each("troupe_spec_handler_restarts_total", "counter",
       "Threads for handlers that were started again.", &model_state::restarts);
}

/// Returns what the board has of one kind.
states of_kind(const status_board& board, served_kind kind) {
  auto result = board.models();
  std::erase_if(result, [&](const auto& m) { return m->kind() != kind; });
  return result;
}

void add_values(writer& out, const front_shared& shared) {
  if (shared.values != nullptr) {
    auto entries = shared.values->entries();
    auto each = [&](std::string_view name, std::string_view type,
                    std::string_view help, auto member) {
      out.family(name, type, help);
      for (const auto& e : entries)
        out.sample({{"model", e.model}, {"key", e.key}}, e.*member);
    };
    using entry = logged_value_stats::entry;
    if (!entries.empty()) {
      each("troupe_logged_value", "gauge", "What hooks logged last.",
           &entry::last);
      each("troupe_logged_value_added", "gauge",
           "The sum of what hooks logged.", &entry::sum);
      each("troupe_logged_values_total", "counter", "How often hooks logged.",
           &entry::count);
    }
  }
  if (shared.loggers != nullptr) {
    out.family(
      "troupe_logged_values_dropped_total", "counter",
      "Logged values that were dropped because a logger was too slow.");
    out.sample({}, shared.loggers->dropped());
  }
  if (shared.dropped_log_lines) {
    out.family("troupe_log_lines_dropped_total", "counter",
               "Log lines that found the log's queue full.");
    out.sample({}, shared.dropped_log_lines());
  }
}

/// Of the access log and of traces.
void add_observers(writer& out, const front_shared& shared) {
  if (shared.access != nullptr) {
    out.family("troupe_access_log_lines_dropped_total", "counter",
               "Lines of the access log that found no room or were not "
               "written.");
    out.sample({}, shared.access->dropped());
  }
  if (shared.spans != nullptr) {
    out.family("troupe_spans_sent_total", "counter",
               "Spans that the collector took.");
    out.sample({}, shared.spans->sent());
    out.family("troupe_spans_dropped_total", "counter",
               "Spans that found no room or that the collector did not take.");
    out.sample({}, shared.spans->dropped());
  }
}

} // namespace

std::string metrics_text(const front_shared& shared) {
  writer out;
  add_traffic(out, shared.board->traffic);
  out.family("troupe_request_body_bytes", "gauge",
             "Request bodies in memory, from their arrival to their release.");
  out.sample({}, std::uint64_t{shared.bodies->used()});
  add_model_series(out, *shared.board);
  add_models(out, of_kind(*shared.board, served_kind::model));
  add_caches(out, of_kind(*shared.board, served_kind::model));
  add_handlers(out, of_kind(*shared.board, served_kind::handlers));
  add_values(out, shared);
  add_observers(out, shared);
  add_build(out);
  add_process(out);
  return std::move(out).take();
}

} // namespace troupe
