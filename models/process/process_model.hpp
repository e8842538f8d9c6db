#pragma once

#include "troupe/models/process/child_process.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// How the workers of a model are started as processes of their own.
struct process_recipe {
  child_command command = {};
  /// Without what the slot of a worker says: model, index, device.
  worker::start_message start = {};
  /// A worker that takes more is killed.
  std::optional<std::size_t> memory_bytes = {};
  /// The n-th worker sees the n-th of them, round and round, in
  /// CUDA_VISIBLE_DEVICES and HIP_VISIBLE_DEVICES; empty leaves these alone.
  std::vector<std::string> devices = {};
  /// How long a call may run that nobody waits for, and how long `health` may
  /// stay without an answer; zero means for ever.
  std::chrono::milliseconds hang_after{5'000};
  /// Whether the process is this program, whose answers need no checks.
  bool trusted = false;
  /// Whether the model may answer with a stream of items.
  bool streams = true;
};

/// Returns what the entry of a config says about its workers; without a
/// command.
process_recipe recipe_of(const model_config& config,
                         const process_options& options);

/// Makes a model that stands for one in a process of its own: `setup` starts
/// the process and waits until its model is set up, `process` hands calls over
/// and returns; a thread of its own takes the answers. When the process ends,
/// breaks the protocol, is stopped, grows too large or does not come back from
/// a call that nobody waits for, it is killed, and the worker ends by
/// `worker_fatal`, as every broken worker does. What it writes to its standard
/// output and error goes to the slot's log.
std::unique_ptr<model> make_process_model(const process_recipe& recipe,
                                          const worker_slot& slot);

/// Lets the workers of a definition run as processes.
void run_in_processes(model_definition& definition, process_recipe recipe);

} // namespace troupe
