#pragma once

#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace troupe {

/// The way from all threads of a server to its sink: each message becomes one
/// line of printable text, and what the sink throws is dropped. Between `begin`
/// and `end` a thread of its own calls the sink, so that a slow one makes
/// nobody wait: lines that find the queue full are dropped and counted, and the
/// next line that comes through says how many. Outside, callers call the sink
/// themselves. Thread-safe but for `begin` and `end`.
class server_log {
public:
  /// How much waits for a slow sink; as much again may be in its hands.
  struct limits {
    std::size_t lines = 10'000;
    std::size_t bytes = 1024UL * 1024;
  };

  explicit server_log(log_sink target) : server_log(std::move(target), {}) {
    // nop
  }

  server_log(log_sink target, limits most);

  /// Messages below this level are dropped. Safe from every thread.
  void level(log_level least) noexcept;
  [[nodiscard]] log_level level() const noexcept;

  /// How lines look where the sink is `stderr_sink`. Before the first line.
  void format(log_format x) noexcept;

  /// As `end`, with a bound of zero.
  ~server_log();

  server_log(const server_log&) = delete;
  server_log& operator=(const server_log&) = delete;

  /// For those that log. It may outlive this object.
  [[nodiscard]] log_sink sink() const;

  /// Starts the thread; when that fails, callers go on to call the sink.
  void begin();

  /// Waits until the sink has taken every line so far.
  /// @returns whether it did in time
  bool flush(std::chrono::milliseconds bound) const;

  /// Hands on what waits and ends the thread. One that is still inside the sink
  /// when the time is up is left behind with what waits; nobody waits for it
  /// later.
  /// @returns whether the sink took everything in time
  bool end(std::chrono::milliseconds bound);

  /// Returns how many lines found the queue full.
  [[nodiscard]] std::uint64_t dropped() const;

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
