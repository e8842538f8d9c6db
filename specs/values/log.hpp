#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

namespace troupe {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// Takes one line, without a newline. Called from every thread, possibly at
/// once; must not throw.
using log_sink = std::function<void(log_level, std::string_view)>;

/// Takes what a hook gave to `context::log`: which model, the key and the
/// value. Called from every worker's thread, possibly at once; must not throw
/// and should not wait.
using logged_value_sink = std::function<void(
  std::string_view model, std::string_view key, const nlohmann::json& value)>;

/// Writes lines to standard error: time (UTC), level, text.
log_sink stderr_log(log_level least = log_level::info);

/// Drops every line.
log_sink no_log();

} // namespace troupe
