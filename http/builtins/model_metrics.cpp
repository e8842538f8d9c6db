#include "troupe/http/builtins/model_metrics.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

namespace {

/// Nanoseconds in a second.
constexpr double in_seconds = 1e9;

struct named_counts {
  std::string_view model;
  model_counts counts;
};

using all_counts = std::vector<named_counts>;

/// What only requests have, also those that no model answers.
void add_requests(metrics_writer& out, const all_counts& all) {
  out.family("troupe_requests_total", "counter",
             "Requests that were answered, by the status of the answer; 499 is "
             "a client that left.");
  for (const auto& [model, x] : all)
    for (const auto& [status, n] : x.by_status)
      out.sample(
        {{"model", model},
         {"code", status == 0 ? std::string{"other"} : std::to_string(status)}},
        n);
  out.family("troupe_rejected_total", "counter",
             "Requests that were turned away although they were in order.");
  for (const auto& [model, x] : all)
    for (std::size_t i = 1; i < refusal_reason_count; ++i)
      out.sample({{"model", model},
                  {"reason", to_string(static_cast<refusal_reason>(i))}},
                 x.refused[i]);
  out.family("troupe_cancelled_total", "counter",
             "Requests whose client left or whose deadline passed.");
  for (const auto& [model, x] : all)
    for (std::size_t i = 1; i < cancel_reason_count; ++i)
      out.sample({{"model", model},
                  {"reason", to_string(static_cast<cancel_reason>(i))}},
                 x.cancelled[i]);
  out.family("troupe_request_duration_seconds", "histogram",
             "From a request's arrival to its answer, or to the end of its "
             "stream.");
  for (const auto& [model, x] : all)
    for (std::size_t i = 0; i < status_class_count; ++i)
      out.histogram({{"model", model}, {"status", status_class_name(i)}},
                    time_bounds, x.request[i], in_seconds);
}

void add_times(metrics_writer& out, const all_counts& models) {
  out.family("troupe_queue_duration_seconds", "histogram",
             "How long requests waited for a worker.");
  for (const auto& [model, x] : models)
    out.histogram({{"model", model}}, time_bounds, x.queue, in_seconds);
  out.family("troupe_predict_duration_seconds", "histogram",
             "From when a worker takes a request to the end of the answer.");
  for (const auto& [model, x] : models)
    for (std::size_t i = 0; i < status_class_count; ++i)
      out.histogram({{"model", model}, {"status", status_class_name(i)}},
                    time_bounds, x.predict[i], in_seconds);
  out.family("troupe_time_to_first_item_seconds", "histogram",
             "From a request's arrival to the first item of its stream.");
  for (const auto& [model, x] : models)
    out.histogram({{"model", model}}, time_bounds, x.first_item, in_seconds);
  out.family("troupe_inter_item_seconds", "histogram",
             "Between two items of a stream.");
  for (const auto& [model, x] : models)
    out.histogram({{"model", model}}, time_bounds, x.between_items, in_seconds);
  out.family("troupe_batch_size", "histogram",
             "How many requests a worker took at once.");
  for (const auto& [model, x] : models)
    out.histogram({{"model", model}}, size_bounds, x.batch, 1);
}

void add_numbers(metrics_writer& out, const all_counts& models) {
  auto each = [&](std::string_view name, std::string_view type,
                  std::string_view help, std::uint64_t model_counts::*what) {
    out.family(name, type, help);
    for (const auto& [model, x] : models)
      out.sample({{"model", model}}, x.*what);
  };
  each("troupe_model_queued", "gauge", "Requests that wait for a worker.",
       &model_counts::queued);
  each("troupe_model_running", "gauge", "Requests that workers work on.",
       &model_counts::running);
  each("troupe_worker_restarts_total", "counter",
       "Workers that were started again.", &model_counts::restarts);
  each("troupe_prompt_tokens_total", "counter",
       "Tokens that models read, as they report them.",
       &model_counts::tokens_in);
  each("troupe_prompt_tokens_cached_total", "counter",
       "Tokens among these that models had kept from before.",
       &model_counts::tokens_cached);
  each("troupe_generation_tokens_total", "counter",
       "Tokens that models made, as they report them.",
       &model_counts::tokens_out);
}

} // namespace

void add_model_series(metrics_writer& out, const status_board& board) {
  all_counts models;
  for (const auto* x : board.all_series())
    models.push_back({x->name(), x->counts()});
  auto all = models;
  all.push_back({board.unowned.name(), board.unowned.counts()});
  add_requests(out, all);
  add_times(out, models);
  add_numbers(out, models);
}

} // namespace troupe
