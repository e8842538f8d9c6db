#include "troupe/http/builtins/metrics.hpp"

#include "troupe/specs/json/json.hpp"

#include <cmath>
#include <cstdio>
#include <functional>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using label_list =
  std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string number(double x) {
  if (std::isnan(x))
    return "NaN";
  if (std::isinf(x))
    return x > 0 ? "+Inf" : "-Inf";
  // The shortest text that reads back as the same number, in any locale.
  return nlohmann::json(x).dump();
}

std::string number(std::uint64_t x) {
  return std::to_string(x);
}

class writer {
public:
  void family(std::string_view name, std::string_view type,
              std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help);
    text_.append("\n# TYPE ").append(name).append(" ").append(type);
    text_ += '\n';
  }

  template <class T>
  void sample(label_list labels, T value) {
    text_.append(name_);
    if (labels.size() > 0) {
      auto separator = '{';
      for (const auto& [key, label] : labels) {
        text_ += separator;
        text_.append(key).append("=\"");
        escape(label);
        text_ += '"';
        separator = ',';
      }
      text_ += '}';
    }
    text_.append(" ").append(number(value)).append("\n");
  }

  std::string take() && {
    return std::move(text_);
  }

private:
  void escape(std::string_view label) {
    for (auto c : label) {
      if (c == '\n') {
        text_.append("\\n");
        continue;
      }
      if (c == '\\' || c == '"')
        text_ += '\\';
      text_ += c;
    }
  }

  std::string_view name_;
  std::string text_;
};

std::uint64_t get(const std::atomic<std::uint64_t>& x) {
  return x.load(std::memory_order_relaxed);
}

void add_traffic(writer& out, const traffic_counters& t) {
  out.family("troupe_requests_finished_total", "counter",
             "Requests answered, also with an error of their own.");
  out.sample({}, get(t.finished));
  out.family("troupe_requests_refused_total", "counter",
             "Requests turned away: full, not ready, draining, over a limit.");
  out.sample({}, get(t.refused));
  out.family("troupe_requests_cancelled_total", "counter",
             "Requests whose client left or whose deadline passed.");
  out.sample({}, get(t.cancelled));
  out.family("troupe_requests_failed_total", "counter",
             "Requests that failed, by the reason; also in the sums above.");
  for (std::size_t i = 1; i < errc_end; ++i)
    if (auto n = get(t.failed[i]); n > 0)
      out.sample({{"code", to_string(static_cast<errc>(i))}}, n);
  out.family("troupe_requests_active", "gauge",
             "Requests whose answer is not complete.");
  out.sample({}, std::uint64_t{t.active.load(std::memory_order_relaxed)});
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
       "Requests that wait or run in a model.", &model_state::pending);
  each("troupe_model_workers", "gauge", "Workers a model should have.",
       &model_state::workers);
  each("troupe_model_ready_workers", "gauge", "Workers that are set up.",
       &model_state::ready_workers);
  each("troupe_model_stuck_workers", "gauge",
       "Workers that do not come back from a call that nobody waits for.",
       &model_state::stuck_workers);
  each("troupe_model_restarts_total", "counter",
       "Workers that were started again.", &model_state::restarts);
  each("troupe_model_ready", "gauge", "Whether a model is ready.",
       [](const model_state& m) -> std::uint64_t {
         return m.phase() == model_phase::ready ? 1 : 0;
       });
  each("troupe_model_healthy", "gauge",
       "Whether every worker's health hook says yes and none is stuck.",
       [](const model_state& m) -> std::uint64_t {
         return m.healthy() && m.stuck_workers() == 0 ? 1 : 0;
       });
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
      each("troupe_logged_value_sum", "gauge", "The sum of what hooks logged.",
           &entry::sum);
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
  add_models(out, of_kind(*shared.board, served_kind::model));
  add_handlers(out, of_kind(*shared.board, served_kind::handlers));
  add_values(out, shared);
  add_observers(out, shared);
  return std::move(out).take();
}

} // namespace troupe
