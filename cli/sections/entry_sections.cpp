#include "troupe/cli/sections/entry_sections.hpp"

#include "troupe/cli/options/option_field.hpp"
#include "troupe/cli/sections/queue_section.hpp"
#include "troupe/cli/sections/supervision_sections.hpp"

namespace troupe {

namespace {

using namespace fields;

const std::vector<std::pair<std::string, conflict_policy>> policies{
  {"error", conflict_policy::error},
  {"keep-first", conflict_policy::keep_first},
  {"override", conflict_policy::override_earlier},
};

option required(option x) {
  x.required = true;
  x.fallback.reset();
  return x;
}

option with_default(option x, std::string words) {
  x.fallback_text = std::move(words);
  return x;
}

option batch_section() {
  return section(
    "batch", "Requests that predict takes together.",
    {
      bounded(
        "max_size",
        [](auto& d) -> auto& { return d.models.back().options.batch.max_size; },
        1, 1'000'000,
        "Closes a batch; 1 switches batching off. More needs a model "
        "that "
        "takes batches."),
      bounded(
        "max_delay_ms", [](auto& d) -> auto& {
          return d.models.back().options.batch.max_delay;
        },
        0, 3'600'000,
        "Closes a batch this long after its first request; may have a "
        "fraction."),
    });
}

option cache_section() {
  return section(
    "cache",
    "Answers that are kept, and given again to equal requests; see "
    "docs/caching.md.",
    {
      bounded(
        "max_bytes",
        [](auto& d) -> auto& { return d.models.back().cache.max_bytes; }, 0,
        max_bytes,
        "What answers and their keys may take, in bytes; the one that was not "
        "asked for longest makes room. 0 keeps none."),
      time_or_false(
        "ttl_ms", [](auto& d) -> auto& { return d.models.back().cache.ttl; },
        "How long an answer is good; 0 or false means as long as the model."),
      field(
        "vary", [](auto& d) -> auto& { return d.models.back().cache.vary; },
        "Request headers that an answer depends on; others do not count."),
    });
}

option handler_queue_section() {
  return section(
    "queue", "Requests that wait for a handler of the spec.",
    {
      bounded(
        "max_size",
        [](auto& d) -> auto& { return d.specs.back().max_queue_size; }, 1,
        10'000'000, "How many wait at most; one more is answered 503."),
      bounded(
        "max_concurrency",
        [](auto& d) -> auto& { return d.specs.back().max_concurrency; }, 0,
        10'000'000,
        "How many requests of each endpoint of the spec may be in work at "
        "once, with all that their models do for them; one more is answered "
        "503. 0 means no such bound."),
    });
}

option restart_section() {
  return section(
    "restart", "What happens after the death of a worker.",
    {
      bounded(
        "initial_backoff_ms", [](auto& d) -> auto& {
          return d.models.back().options.restart.initial_backoff;
        },
        0, max_ms, "Pause before the first restart; doubles each time."),
      bounded(
        "max_backoff_ms", [](auto& d) -> auto& {
          return d.models.back().options.restart.max_backoff;
        },
        0, max_ms, "The longest pause."),
      bounded(
        "max_restarts", [](auto& d) -> auto& {
          return d.models.back().options.restart.max_restarts;
        },
        0, 1'000'000,
        "After more deaths than this within the window, dead workers are not "
        "replaced; the model is given up when none is left. As often, each "
        "worker of the first start that could not be set up is tried again."),
      bounded(
        "window_ms",
        [](auto& d) -> auto& { return d.models.back().options.restart.window; },
        1, max_ms, "The window in which deaths are counted."),
      time_or_false(
        "revive_after_ms", [](auto& d) -> auto& {
          return d.models.back().options.restart.revive_after;
        },
        "After how long workers that were not replaced, and a model that was "
        "given up, are tried again (for a model the pause doubles while it "
        "fails); 0 or false means never."),
      time_or_false(
        "unhealthy_after_ms", [](auto& d) -> auto& {
          return d.models.back().options.restart.unhealthy_after;
        },
        "A worker whose health hook has said no for this long is replaced, "
        "after what it is doing; that counts as a death. 0 or false means "
        "never."),
    });
}

option hang_section() {
  return section(
    "hang",
    "What happens to a worker that is in a call of its model that nobody waits "
    "for any more.",
    {
      time_or_false(
        "after_ms", [](auto& d) -> auto& {
          return d.models.back().options.restart.hang.after;
        },
        "How long it may be, after the last of its requests was answered; 0 or "
        "false means for ever."),
      choice<hang_policy>(
        "policy", [](auto& d) -> auto& {
          return d.models.back().options.restart.hang.policy;
        },
        {{"replace", hang_policy::replace}, {"report", hang_policy::report}},
        "Whether another worker takes its place; workers of inline models are "
        "only reported."),
      bounded(
        "max_replaced", [](auto& d) -> auto& {
          return d.models.back().options.restart.hang.max_replaced;
        },
        0, 1024,
        "How many replaced workers may be in their calls at once; past that, "
        "the model is given up when no other worker is left."),
    });
}

option process_section() {
  return section(
    "process", "Workers that are processes: needs execution process.",
    {
      bounded(
        "memory_mb", [](auto& d) -> auto& {
          return d.models.back().options.process.memory_mb;
        },
        1, max_bytes >> 20,
        "A worker whose resident memory grows above this, in MiB, is killed "
        "and replaced."),
      free_object(
        "env", [](auto& d) -> auto& { return d.models.back().env; },
        "Environment variables of the workers, above the server's: an object "
        "of strings."),
      field(
        "devices", [](auto& d) -> auto& {
          return d.models.back().options.process.devices;
        },
        "What the workers see in CUDA_VISIBLE_DEVICES and "
        "HIP_VISIBLE_DEVICES: the n-th worker the n-th of them, round and "
        "round."),
      bounded(
        "nice",
        [](auto& d) -> auto& { return d.models.back().options.process.nice; },
        -20, 19, "Added to the server's niceness."),
      text(
        "cpu_affinity",
        [](auto& d) -> auto& { return d.models.back().cpu_affinity; },
        "Processors that the workers may run on, from 0, e.g. 0-3,8."),
    });
}

option nodes_section() {
  return section(
    "nodes", "Whether other machines may have workers of the model, too.",
    {
      field(
        "enabled",
        [](auto& d) -> auto& { return d.models.back().options.nodes.enabled; },
        "Lets nodes that join (cluster.listen) serve the model beside the "
        "workers that are here; always so for the type node."),
      field(
        "labels",
        [](auto& d) -> auto& { return d.models.back().options.nodes.labels; },
        "What such a node must have: all of these in its cluster.labels."),
    });
}

std::vector<option> model_options_table() {
  return {
    required(text(
      "name", [](auto& d) -> auto& { return d.models.back().options.name; },
      "Unique in the server: letters, digits, _ . -")),
    required(text(
      "type", [](auto& d) -> auto& { return d.models.back().config.type; },
      "The kind of model: echo, square, sleep, stream, fault, onnx, llama, "
      "python, pipeline, node, or one of a plugin.")),
    field(
      "path", [](auto& d) -> auto& { return d.models.back().config.path; },
      "The model's file, relative to the config file; or a folder with a "
      "folder for each version of the model: 1/model.onnx."),
    text(
      "version", [](auto& d) -> auto& { return d.models.back().version; },
      "Of a path that is a folder of versions: the one that is served; the "
      "highest if absent."),
    text(
      "class",
      [](auto& d) -> auto& { return d.models.back().config.class_name; },
      "Of type python: the class in the file; needed when it has several. "
      "litserve:N is the N-th API, from 0, of the LitServer that it runs."),
    text(
      "python", [](auto& d) -> auto& { return d.models.back().config.python; },
      "Of type python: the interpreter, e.g. venv/bin/python, relative to the "
      "config file, or a name to be looked for in PATH; python3 if absent."),
    path_or_false(
      "predict",
      [](auto& d) -> auto& { return d.models.back().options.predict; },
      "Pattern of the predict endpoint; false switches it off."),
    workers_option(),
    keep_alive_option(),
    load_option(),
    choice<execution_mode>(
      "execution",
      [](auto& d) -> auto& { return d.models.back().options.execution; },
      {{"dedicated", execution_mode::dedicated},
       {"inline", execution_mode::inlined},
       {"process", execution_mode::process}},
      "Where predict runs: on a thread of the worker's own, on the thread "
      "that read the request (for models of microseconds), or in a process "
      "of the worker's own, whose crash ends nothing else."),
    with_default(
      time_or_false(
        "timeout_ms",
        [](auto& d) -> auto& { return d.models.back().options.timeout; },
        "From a request's arrival to its whole answer, or to the first item of "
        "a stream; 0 or false means none."),
      "server.timeout_ms"),
    time_or_false(
      "queue_timeout_ms",
      [](auto& d) -> auto& { return d.models.back().options.limits.queue; },
      "Until a worker takes a request; then it is answered 504. 0 or false "
      "means no such limit, and timeout_ms still holds."),
    time_or_false(
      "execution_timeout_ms",
      [](auto& d) -> auto& { return d.models.back().options.limits.execution; },
      "From there to the end of the answer."),
    with_default(
      time_or_false(
        "stream_idle_timeout_ms", [](auto& d) -> auto& {
          return d.models.back().options.limits.stream_idle;
        },
        "Between two items of a stream, and from the start of the work to the "
        "first; 0 or false means none."),
      "timeout_ms"),
    time_or_false(
      "slow_reader_timeout_ms", [](auto& d) -> auto& {
        return d.models.back().options.limits.slow_reader;
      },
      "How long the client of a stream may keep a worker waiting, or a place "
      "in "
      "continuous batching, all times together; then the stream ends with an "
      "error. See limits.min_stream_bytes_per_second. 0 or false means none."),
    time_or_false(
      "heartbeat_ms",
      [](auto& d) -> auto& { return d.models.back().options.heartbeat; },
      "Sends a comment on an event stream that was silent for this long, so "
      "that no proxy cuts it; 0 or false sends none."),
    with_default(
      bounded(
        "max_body_bytes",
        [](auto& d) -> auto& { return d.models.back().options.max_body_bytes; },
        0, max_bytes, "Body of a request, in bytes; more is answered 413."),
      "server.max_body_bytes"),
    bounded(
      "health_interval_ms", [](auto& d) -> auto& {
        return d.models.back().options.restart.health_interval;
      },
      1, max_ms,
      "How often each worker's health hook is asked, if the model has one."),
    choice<access>(
      "access", [](auto& d) -> auto& { return d.models.back().options.access; },
      {{"public", access::open},
       {"key", access::key},
       {"admin", access::admin}},
      "Who may call: everybody, callers with the API key (if there is one), "
      "callers with the admin key."),
    choice<conflict_policy>(
      "on_conflict",
      [](auto& d) -> auto& { return d.models.back().options.on_conflict; },
      policies,
      "When the predict endpoint clashes with an earlier one: refuse to "
      "start, keep the earlier, or take its place."),
    batch_section(),
    queue_section(),
    cache_section(),
    restart_section(),
    hang_section(),
    supervision_section(),
    process_section(),
    nodes_section(),
    field(
      "required",
      [](auto& d) -> auto& { return d.models.back().options.required; },
      "Whether the server is not ready without this model."),
    field(
      "idempotent",
      [](auto& d) -> auto& { return d.models.back().options.idempotent; },
      "Whether a request whose worker died is tried once on another."),
    field(
      "pure", [](auto& d) -> auto& { return d.models.back().options.pure; },
      "Whether predict has no effects: when a batch throws, its items are "
      "tried one by one."),
    text(
      "device", [](auto& d) -> auto& { return d.models.back().options.device; },
      "Handed to the model's setup."),
    free_object(
      "options",
      [](auto& d) -> auto& { return d.models.back().config.options; },
      "Options of the model type; see docs/models.md."),
  };
}

std::vector<option> spec_options_table() {
  auto prefix = field(
    "prefix", [](auto& d) -> auto& { return d.specs.back().prefix; },
    "Put before each of the spec's patterns.");
  prefix.kind = option_kind::prefix;
  prefix.fallback = "";
  return {
    required(text(
      "type", [](auto& d) -> auto& { return d.specs.back().type; },
      "The kind of spec: forward, mcp or openai.")),
    text(
      "model", [](auto& d) -> auto& { return d.specs.back().model; },
      "Name of the model that answers, for specs that serve one."),
    std::move(prefix),
    choice<conflict_policy>(
      "on_conflict",
      [](auto& d) -> auto& { return d.specs.back().on_conflict; }, policies,
      "When an endpoint of the spec clashes with an earlier one: refuse to "
      "start, keep the earlier, or take its place."),
    handler_queue_section(),
    free_object(
      "options", [](auto& d) -> auto& { return d.specs.back().options; },
      "Options of the spec type; see docs/endpoints.md, docs/mcp.md, "
      "docs/openai.md."),
  };
}

option entries(option x) {
  x.kind = option_kind::entries;
  x.fallback = nlohmann::json::array();
  return x;
}

} // namespace

option model_entries() {
  auto result = entries(section("models",
                                "The models that are served; at least one "
                                "model or spec.",
                                model_options_table()));
  result.begin_entry = [](config_draft& d) { d.models.emplace_back(); };
  return result;
}

option spec_entries() {
  auto result = entries(
    section("specs", "Other wire protocols beside the predict endpoints.",
            spec_options_table()));
  result.begin_entry = [](config_draft& d) { d.specs.emplace_back(); };
  return result;
}

} // namespace troupe
