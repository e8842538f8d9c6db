#pragma once

#include "troupe/http/observe/access/access_log.hpp"
#include "troupe/http/observe/logged_value_queue.hpp"
#include "troupe/http/observe/logged_value_stats.hpp"
#include "troupe/http/observe/trace/otlp_exporter.hpp"
#include "troupe/http/options.hpp"
#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/model/value_logger.hpp"
#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe {

/// Who hears of a server's requests: callbacks, loggers, the statistics of
/// `/metrics`, the access log, and the collector of spans. Filled before the
/// start, then read-only. Not thread-safe; what `start` makes is.
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

  /// Opens the access log and begins with the export of spans, as the options
  /// say.
  /// @throws std::runtime_error when one of them cannot begin
  void open(const server_options& options, const log_sink& log);

  /// Writes and sends what is left, within the time; once.
  void close(std::chrono::milliseconds bound);

  /// Whether `close` left a thread behind that waits for ever.
  [[nodiscard]] bool left_behind() const noexcept {
    return left_behind_;
  }

  /// Opens the files of logs again. @returns whether there are any. Safe from
  /// every thread.
  bool reopen();

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

  /// Null when there is none.
  [[nodiscard]] const std::shared_ptr<access_log>& access() const noexcept {
    return access_;
  }

  /// Null when spans are not recorded.
  [[nodiscard]] const std::shared_ptr<otlp_exporter>& spans() const noexcept {
    return spans_;
  }

private:
  std::vector<std::shared_ptr<callback>> added_;
  std::vector<std::shared_ptr<value_logger>> loggers_;
  callback_list callbacks_;
  std::shared_ptr<logged_value_stats> stats_;
  std::shared_ptr<logged_value_queue> queue_;
  /// A signal may come before the first of the two is there.
  std::mutex mutex_;
  std::shared_ptr<access_log> access_;
  std::shared_ptr<otlp_exporter> spans_;
  bool left_behind_ = false;
};

} // namespace troupe
