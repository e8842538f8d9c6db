#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// How a log writes its lines.
enum class log_format : std::uint8_t {
  /// For people: time, level, message.
  text,
  /// An object of JSON a line.
  json,
  /// `key=value`, separated by spaces; values in quotes where they need it,
  /// with
  /// the escapes of JSON.
  logfmt,
};

/// Returns `debug`, `info`, `warning` or `error`.
[[nodiscard]] std::string_view to_string(log_level x) noexcept;

/// Returns the level of that name, if it is one.
[[nodiscard]] std::optional<log_level>
log_level_from(std::string_view name) noexcept;

/// Takes one line, without a newline. Called from every thread, possibly at
/// once; must not throw, and should not wait: the thread that logs may be one
/// that serves all requests. A server hands it only what `printable` makes of a
/// message, drops what it throws, and in `server::run` calls it from a thread
/// of its own.
using log_sink = std::function<void(log_level, std::string_view)>;

/// Takes what a hook gave to `context::log`: which model, the key and the
/// value. Called from every worker's thread, possibly at once; must not throw
/// and should not wait.
using logged_value_sink = std::function<void(
  std::string_view model, std::string_view key, const nlohmann::json& value)>;

/// Composes a line: time (UTC), level, the message as `printable` makes it, a
/// newline.
std::string log_line(std::chrono::system_clock::time_point when,
                     log_level level, std::string_view text,
                     log_format format = log_format::text);

/// What `stderr_log` returns.
class stderr_sink {
public:
  explicit stderr_sink(log_level least) : least_(least) {
    // nop
  }

  void operator()(log_level level, std::string_view text) const;

  /// Writes a line of an earlier time.
  void write(std::chrono::system_clock::time_point when, log_level level,
             std::string_view text, log_format format = log_format::text) const;

private:
  log_level least_;
};

/// Writes lines to standard error: time (UTC), level, text. Waits while
/// standard error takes nothing. A server that it is given to leaves out what
/// is below its own level, too (`log_options`), and chooses the format.
log_sink stderr_log(log_level least = log_level::info);

/// Drops every line.
log_sink no_log();

} // namespace troupe
