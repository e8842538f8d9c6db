#pragma once

#include "troupe/http/observe/logged_value_queue.hpp"
#include "troupe/http/observe/logged_value_stats.hpp"
#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/model/value_logger.hpp"
#include "troupe/specs/text/log.hpp"

#include <memory>
#include <vector>

namespace troupe {

/// Who hears of a server's requests: callbacks, loggers, and the statistics of
/// `/metrics`. Filled before the start, then read-only. Not thread-safe; what
/// `start` makes is.
class server_observers {
public:
  void add(std::shared_ptr<callback> x) {
    added_.push_back(std::move(x));
  }

  void add(std::shared_ptr<value_logger> x) {
    loggers_.push_back(std::move(x));
  }

  /// Makes what the getters return; nothing is added afterwards.
  /// @param keep_stats whether `/metrics` shows what hooks log
  void start(bool keep_stats, const log_sink& log);

  /// Takes what hooks log; null when nobody wants it.
  [[nodiscard]] logged_value_sink sink() const;

  /// Null when there is none.
  [[nodiscard]] const callback_list& callbacks() const noexcept {
    return callbacks_;
  }

  /// Null when `/metrics` is off.
  [[nodiscard]] const std::shared_ptr<logged_value_stats>&
  stats() const noexcept {
    return stats_;
  }

  /// Null when there is no logger.
  [[nodiscard]] const std::shared_ptr<logged_value_queue>&
  queue() const noexcept {
    return queue_;
  }

private:
  std::vector<std::shared_ptr<callback>> added_;
  std::vector<std::shared_ptr<value_logger>> loggers_;
  callback_list callbacks_;
  std::shared_ptr<logged_value_stats> stats_;
  std::shared_ptr<logged_value_queue> queue_;
};

} // namespace troupe
