#include "troupe/specs/model/model_options.hpp"

#include <algorithm>

namespace troupe {

std::string_view to_string(execution_mode x) noexcept {
  return x == execution_mode::inlined ? "inline" : "dedicated";
}

std::string model_options::validate() const {
  auto is_name_char = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
  };
  if (name.empty())
    return "name: a model needs a name";
  if (!std::all_of(name.begin(), name.end(), is_name_char))
    return "name: \"" + name + "\" may hold letters, digits, _ . - only";
  if (workers == 0)
    return "workers: at least 1";
  if (workers > 1024)
    return "workers: at most 1024";
  if (batch.max_size == 0)
    return "batch.max_size: at least 1 (1 switches batching off)";
  if (batch.max_delay.count() < 0)
    return "batch.max_delay_ms: not negative";
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
  if (health_interval.count() < 1)
    return "health_interval_ms: at least 1";
  if (restart.initial_backoff.count() < 0
      || restart.max_backoff < restart.initial_backoff)
    return "restart: needs 0 <= initial_backoff_ms <= max_backoff_ms";
  if (restart.revive_after.count() < 0)
    return "restart.revive_after_ms: not negative (0 means never)";
  if (hang.after.count() < 0)
    return "hang.after_ms: not negative (0 means never)";
  return {};
}

} // namespace troupe
