#pragma once

#include "troupe/actors/status/status_board.hpp"
#include "troupe/http/around/client_address.hpp"
#include "troupe/http/around/middleware.hpp"
#include "troupe/http/around/page_guard.hpp"
#include "troupe/http/observe/access/access_log.hpp"
#include "troupe/http/observe/logged_value_queue.hpp"
#include "troupe/http/observe/logged_value_stats.hpp"
#include "troupe/http/observe/trace/otlp_exporter.hpp"
#include "troupe/http/observe/trace/tracer.hpp"
#include "troupe/http/options.hpp"
#include "troupe/http/wire/body_budget.hpp"
#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/text/log.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace troupe {

/// What the front's threads share: read-only after the start, or thread-safe. A
/// reload makes another one.
struct front_shared {
  server_options options = {};
  log_sink log = no_log();
  std::shared_ptr<status_board> board = {};
  /// Makes the body of `/info`.
  std::function<nlohmann::json()> info = {};
  /// Null when there is none.
  callback_list callbacks = {};
  /// With those that the options ask for.
  middleware_list middleware = {};
  /// Made of the options.
  page_guard pages{options};
  proxy_list proxies{options.peers.trusted_proxies};
  /// What hooks logged, for `/metrics`; null when that is off.
  std::shared_ptr<const logged_value_stats> values = {};
  /// Null when there is no logger.
  std::shared_ptr<const logged_value_queue> loggers = {};
  /// Null when there is none.
  std::shared_ptr<access_log> access = {};
  /// Null when spans are not recorded, like the tracer that decides which are.
  std::shared_ptr<const otlp_exporter> spans = {};
  std::shared_ptr<const tracer> traces = {};
  /// What request bodies may take; never null.
  std::shared_ptr<body_budget> bodies = std::make_shared<body_budget>();
  /// How many lines the log dropped; may be unset.
  std::function<std::uint64_t()> dropped_log_lines = {};
  /// What `POST /shutdown` does.
  std::function<void()> on_shutdown = {};
};

} // namespace troupe
