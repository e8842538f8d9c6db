#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/queue_options.hpp"
#include "troupe/specs/model/supervision_options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Where a model's `predict` runs.
enum class execution_mode : std::uint8_t {
  /// A thread for each worker. The default, right for real models.
  dedicated,
  /// On the thread that read the request, for models of microseconds: saves
  /// the hand-over, and delays everybody while it runs.
  inlined,
  /// In a process of the worker's own: a crash ends nothing else, and a worker
  /// that hangs can be ended.
  process,
};

std::string_view to_string(execution_mode x) noexcept;

/// When a batch closes: at `max_size` items, or `max_delay` after its first.
struct batch_options {
  /// 1 switches batching off.
  std::size_t max_size = 1;
  std::chrono::microseconds max_delay{0};
};

/// What becomes of a worker that does not come back.
enum class hang_policy : std::uint8_t {
  /// Another one takes its place; the thread is left to its call. Inline
  /// workers have no thread of their own and are only reported.
  replace,
  /// It is only reported, and not counted as ready.
  report,
};

/// What happens when a worker is in a call of its model that nobody waits for
/// any more: its requests were answered, by a time limit mostly.
struct hang_options {
  /// How long it may be; zero means for ever.
  std::chrono::milliseconds after{5'000};
  hang_policy policy = hang_policy::replace;
  /// How many replaced workers of the model may be in their calls at once.
  std::size_t max_replaced = 4;
};

/// When a worker is replaced, and by which rules.
struct restart_options {
  std::chrono::milliseconds initial_backoff{100};
  std::chrono::milliseconds max_backoff{10'000};
  /// After more deaths than this within `window`, dead workers are not
  /// replaced; the model is given up when none is left. Deaths of workers that
  /// had the same input and nothing else count as one.
  std::size_t max_restarts = 5;
  std::chrono::milliseconds window{60'000};
  /// After how long workers that were not replaced, and a model that was given
  /// up, are tried again. For a model the time doubles with each further
  /// failure, up to 16 times as long. Zero means never.
  std::chrono::milliseconds revive_after{60'000};
  /// How often each worker's `health` hook is asked, if there is one, between
  /// two requests.
  std::chrono::milliseconds health_interval{5'000};
  /// A worker whose `health` has said no for this long is replaced, after what
  /// it is doing; that counts as a death. Zero means never.
  std::chrono::milliseconds unhealthy_after{0};
  /// When a worker is taken for one that does not come back.
  hang_options hang = {};
  supervision_options supervision = {};
};

/// Of a worker that is a process of its own.
struct process_options {
  /// A worker whose resident memory is larger is killed and replaced, in MiB;
  /// unset is no limit.
  std::optional<std::size_t> memory_mb = {};
  /// Environment variables, above the server's.
  std::map<std::string, std::string> env = {};
  /// What the workers see in CUDA_VISIBLE_DEVICES and HIP_VISIBLE_DEVICES: the
  /// n-th worker the n-th of them, round and round. Empty leaves these alone.
  std::vector<std::string> devices = {};
  /// Added to the server's niceness, from -20 to 19.
  int nice = 0;
  /// Processors that they may run on, from 0; empty for all.
  std::vector<unsigned> cpu_affinity = {};

  friend bool operator==(const process_options&,
                         const process_options&) = default;
};

/// Which other machines may have workers of a model, see docs/scaling.md.
struct node_options {
  /// Whether any may.
  bool enabled = false;
  /// A node must have all of them.
  std::vector<std::string> labels = {};

  friend bool operator==(const node_options&, const node_options&) = default;
};

/// How one model is served.
struct model_options {
  /// Unique in the server; letters, digits, `_ . -`.
  std::string name = {};
  /// The predict endpoint's pattern; unset switches it off.
  std::optional<std::string> predict = "/predict";
  /// 0 only for a model whose workers are all on nodes.
  worker_count workers = {};
  execution_mode execution = execution_mode::dedicated;
  /// From a request's arrival to its whole answer, or to the first item of a
  /// stream. Unset takes the server's, zero means none.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// Bounds of the parts; `limits.timeout` stays 0 here.
  time_limits limits = {};
  /// Sends a comment on an event stream that was silent for this long, so that
  /// no proxy cuts it; zero sends none.
  std::chrono::milliseconds heartbeat{15'000};
  std::optional<std::size_t> max_body_bytes = {};
  troupe::access access = troupe::access::key;
  conflict_policy on_conflict = conflict_policy::error;
  batch_options batch = {};
  queue_options queue = {};
  restart_options restart = {};
  process_options process = {};
  node_options nodes = {};
  /// The server is not ready without it.
  bool required = true;
  /// A request whose worker died is tried once on another worker.
  bool idempotent = false;
  /// `predict` has no effects: when a batch throws, its items are tried one by
  /// one, so that only the faulty ones fail.
  bool pure = false;
  /// Handed to `setup`, e.g. `cpu`.
  std::string device = "cpu";
  /// Where it was declared, for messages; `server::add` fills in what is empty.
  entry_origin origin = {};

  /// What follows when it is given up.
  [[nodiscard]] troupe::escalation escalates() const noexcept {
    return restart.supervision.escalate.value_or(
      required ? escalation::exit : escalation::model_not_ready);
  }

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

} // namespace troupe
