#include "troupe/specs/model/model_options.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>

namespace troupe {

using namespace std::string_view_literals;

std::string_view to_string(execution_mode x) noexcept {
  if (x == execution_mode::process)
    return "process";
  return x == execution_mode::inlined ? "inline" : "dedicated";
}

std::string_view to_string(escalation x) noexcept {
  if (x == escalation::exit)
    return "exit";
  return x == escalation::server_not_ready ? "server-not-ready"
                                           : "model-not-ready";
}

std::string_view to_string(group_strategy x) noexcept {
  return x == group_strategy::one_for_all ? "one_for_all" : "one_for_one";
}

std::string_view to_string(load_time x) noexcept {
  return x == load_time::first_request ? "first_request" : "start";
}

namespace {

constexpr std::size_t most_workers = 1024;

/// @returns what is wrong with the number of workers, or "".
std::string check_workers(const model_options& x) {
  const auto& n = x.workers;
  if (n.min == 0 && !x.nodes.enabled)
    return "workers: at least 1 (0 is for a model that only nodes serve, see "
           "nodes.enabled)";
  if (n.min > most_workers || n.max > most_workers)
    return "workers: at most 1024";
  if (n.max == 0)
    return {};
  if (n.min == 0)
    return "workers.min: at least 1; a model that only nodes serve has no "
           "workers here";
  if (n.max < n.min)
    return "workers.max: not less than workers.min";
  if (x.execution == execution_mode::inlined && n.max > n.min)
    return "workers.max: an inline model has the same workers on each I/O "
           "thread at all times; give a number, or set execution to "
           "\"dedicated\"";
  if (n.grow_after.count() < 0)
    return "workers.grow_after_ms: not negative";
  if (n.shrink_after.count() < 1)
    return "workers.shrink_after_ms: at least 1";
  if (!(n.utilisation >= 0 && n.utilisation <= 1))
    return "workers.utilisation: from 0 to 1";
  return {};
}

/// @returns what is wrong with the times at which there are workers, or "".
std::string check_keep_alive(const model_options& x) {
  const auto& keep = x.restart.supervision;
  if (keep.keep_alive.count() < 0)
    return "keep_alive_ms: not negative (0 means never unloaded)";
  if (keep.keep_alive.count() == 0 && keep.load == load_time::start)
    return {};
  std::string result =
    keep.keep_alive.count() > 0 ? "keep_alive_ms: " : "load: ";
  if (x.execution == execution_mode::inlined)
    return result.append(
      "an inline model has its workers on the I/O threads at "
      "all times; set execution to \"dedicated\" or "
      "\"process\"");
  if (x.nodes.enabled)
    return result.append(
      "a model that nodes serve is not unloaded here; set it "
      "in the configs of the nodes, or take out "
      "nodes.enabled");
  return {};
}

} // namespace

std::string model_options::validate() const {
  if (name.empty())
    return "name: a model needs a name";
  if (!std::all_of(name.begin(), name.end(), is_name_char))
    return "name: \"" + name + "\" may hold letters, digits, _ . - only";
  if (auto why = check_workers(*this); !why.empty())
    return why;
  if (auto why = check_keep_alive(*this); !why.empty())
    return why;
  if (!nodes.enabled && !nodes.labels.empty())
    return "nodes.labels: has no effect without nodes.enabled";
  if (nodes.enabled && execution == execution_mode::inlined)
    return "nodes: an inline model runs on the thread that read the request; "
           "set execution to \"dedicated\"";
  if (batch.max_size == 0)
    return "batch.max_size: at least 1 (1 switches batching off)";
  if (batch.max_delay.count() < 0)
    return "batch.max_delay_ms: not negative";
  if (batch.max_size == 1 && batch.max_delay.count() > 0)
    return "batch.max_delay_ms: has no effect without batches; set "
           "batch.max_size to more than 1, or take this out";
  if (timeout && timeout->count() < 0)
    return "timeout_ms: not negative (0 means none)";
  if (limits.queue.count() < 0)
    return "queue_timeout_ms: not negative (0 means none)";
  if (limits.execution.count() < 0)
    return "execution_timeout_ms: not negative (0 means none)";
  if (limits.stream_idle && limits.stream_idle->count() < 0)
    return "stream_idle_timeout_ms: not negative (0 means none)";
  if (limits.slow_reader.count() < 0)
    return "slow_reader_timeout_ms: not negative (0 means none)";
  if (limits.timeout.count() != 0)
    return "limits.timeout: set `timeout` instead";
  if (heartbeat.count() < 0)
    return "heartbeat_ms: not negative (0 means none)";
  if (auto error = queue.validate(); !error.empty())
    return "queue." + error;
  if (execution == execution_mode::inlined && queue.orders())
    return "queue: an inline model serves each request when it comes, so "
           "nobody "
           "waits behind others; set execution to \"dedicated\"";
  if (queue.max_concurrency > 0 && !predict)
    return "queue.max_concurrency: is for the predict endpoint, which is "
           "switched off";
  if (restart.health_interval.count() < 1)
    return "health_interval_ms: at least 1";
  if (restart.initial_backoff.count() < 0
      || restart.max_backoff < restart.initial_backoff)
    return "restart: needs 0 <= initial_backoff_ms <= max_backoff_ms";
  if (restart.unhealthy_after.count() < 0)
    return "restart.unhealthy_after_ms: not negative (0 means never)";
  if (restart.unhealthy_after.count() > 0
      && execution == execution_mode::inlined)
    return "restart.unhealthy_after_ms: an inline model is not restarted for "
           "its health; set execution to \"dedicated\"";
  if (restart.supervision.group.empty()
      && restart.supervision.strategy == group_strategy::one_for_all)
    return "supervision.strategy: one_for_all is for the models of a group; "
           "name it in supervision.group";
  if (restart.revive_after.count() < 0)
    return "restart.revive_after_ms: not negative (0 means never)";
  if (execution != execution_mode::process && process != process_options{})
    return "process: is for workers that are processes; set execution to "
           "\"process\"";
  if (process.nice < -20 || process.nice > 19)
    return "process.nice: from -20 to 19";
  if (process.memory_mb && *process.memory_mb == 0)
    return "process.memory_mb: at least 1";
  if (std::any_of(process.cpu_affinity.begin(), process.cpu_affinity.end(),
                  [](unsigned x) { return x >= 1024; }))
    return "process.cpu_affinity: processors are numbered from 0 to 1023";
  for (const auto& [variable, value] : process.env)
    if (variable.empty() || variable.find_first_of("=\0"sv) != std::string::npos
        || value.find('\0') != std::string::npos)
      return "process.env: no name of a variable is empty or holds =, and no "
             "text holds a NUL";
  if (process.env.contains("TROUPE_WORKER_FD"))
    return "process.env: TROUPE_WORKER_FD is for the server itself";
  if (restart.hang.after.count() < 0)
    return "hang.after_ms: not negative (0 means never)";
  return {};
}

} // namespace troupe
