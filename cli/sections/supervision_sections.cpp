#include "troupe/cli/sections/supervision_sections.hpp"

#include "troupe/cli/options/option_field.hpp"

namespace troupe {

namespace {

using namespace fields;

constexpr std::int64_t most_workers = 1024;

} // namespace

option workers_option() {
  auto result = bounded(
    "workers",
    [](auto& d) -> auto& { return d.models.back().options.workers.min; }, 1,
    most_workers,
    "Instances of the model: each with a thread when dedicated; this many on "
    "each I/O thread when inline. An object lets their number follow the load; "
    "see docs/scaling.md.");
  result.kind = option_kind::integer_or_section;
  auto max = bounded(
    "max", [](auto& d) -> auto& { return d.models.back().options.workers.max; },
    1, most_workers, "The most workers.");
  max.required = true;
  max.fallback.reset();
  result.nested = {
    bounded(
      "min",
      [](auto& d) -> auto& { return d.models.back().options.workers.min; }, 1,
      most_workers, "The fewest workers; the server starts with these."),
    std::move(max),
    bounded(
      "grow_after_ms", [](auto& d) -> auto& {
        return d.models.back().options.workers.grow_after;
      },
      0, max_ms,
      "How long requests wait without a break before workers are added: twice "
      "as many as there are at most, and no more before these are ready."),
    bounded(
      "shrink_after_ms", [](auto& d) -> auto& {
        return d.models.back().options.workers.shrink_after;
      },
      1, max_ms,
      "How long the workers are watched before some are taken away, half of "
      "them at most. Longer, up to eight times, when they were missed the last "
      "time."),
    bounded(
      "utilisation", [](auto& d) -> auto& {
        return d.models.back().options.workers.utilisation;
      },
      0, 1,
      "Workers are taken away when those that stay would have been busy for at "
      "most this part of that time; 0 takes none away."),
  };
  return result;
}

option keep_alive_option() {
  return time_or_false(
    "keep_alive_ms", [](auto& d) -> auto& {
      return d.models.back().options.restart.supervision.keep_alive;
    },
    "A model that had no request for so long is unloaded: its workers end and "
    "give back their memory, and the next request, which waits in the queue, "
    "starts them again. 0 or false means never.");
}

option load_option() {
  return choice<load_time>(
    "load", [](auto& d) -> auto& {
      return d.models.back().options.restart.supervision.load;
    },
    {{"start", load_time::start}, {"first_request", load_time::first_request}},
    "Whether the workers are started with the server or by the first request, "
    "which waits for them. A model that is added or replaced while serving is "
    "loaded at once, so that a broken one is refused.");
}

option supervision_section() {
  auto escalate = choice<escalation>(
    "escalation", [](auto& d) -> auto& {
      return d.models.back().options.restart.supervision.escalate;
    },
    {{"model-not-ready", escalation::model_not_ready},
     {"server-not-ready", escalation::server_not_ready},
     {"exit", escalation::exit}},
    "What follows when the model is given up: its requests are refused and the "
    "server stays ready; the server is not ready either, until the model is "
    "again; or the program ends with 1.");
  escalate.fallback_text = "exit for a required model, else model-not-ready";
  return section(
    "supervision", "What the end of a worker or of the model means for others.",
    {
      text(
        "group", [](auto& d) -> auto& {
          return d.models.back().options.restart.supervision.group;
        },
        "Models that belong together name the same group."),
      choice<group_strategy>(
        "strategy", [](auto& d) -> auto& {
          return d.models.back().options.restart.supervision.strategy;
        },
        {{"one_for_one", group_strategy::one_for_one},
         {"one_for_all", group_strategy::one_for_all}},
        "Whether the models of the group are started again one by one, or all "
        "together when a worker of one of them dies, each worker after what it "
        "is doing; then they are also given up together. The same for all "
        "models of the group."),
      std::move(escalate),
    });
}

} // namespace troupe
