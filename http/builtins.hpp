#pragma once

#include "troupe/actors/endpoint_table.hpp"
#include "troupe/actors/status_board.hpp"
#include "troupe/actors/value_queue.hpp"
#include "troupe/actors/value_stats.hpp"
#include "troupe/http/middleware.hpp"
#include "troupe/http/options.hpp"
#include "troupe/specs/callback.hpp"
#include "troupe/specs/log.hpp"
#include "troupe/specs/reply.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Troupe's own endpoints; the number is their `endpoint_index`.
enum class builtin : std::uint8_t {
  root,
  health,
  livez,
  readyz,
  startupz,
  info,
  shutdown,
  metrics,
};

/// What the front's threads share: read-only after the start, or thread-safe.
struct front_shared {
  server_options options = {};
  log_sink log = no_log();
  std::shared_ptr<status_board> board = {};
  /// The body of `/info`, made at the start.
  nlohmann::json info = {};
  /// Null when there is none.
  callback_list callbacks = {};
  /// With those that the options ask for.
  middleware_list middleware = {};
  /// What hooks logged, for `/metrics`; null when that is off.
  std::shared_ptr<const value_stats> values = {};
  /// Null when there is no logger.
  std::shared_ptr<const value_queue> loggers = {};
  /// What `POST /shutdown` does.
  std::function<void()> on_shutdown = {};
};

/// The entries of the built-ins that the options leave on.
std::vector<table_entry> builtin_entries(const server_options& options);

/// Answers a built-in, on the I/O thread and without asking an actor.
reply answer_builtin(builtin which, const front_shared& shared);

} // namespace troupe
