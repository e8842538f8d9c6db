#pragma once

#include "troupe/http/observe_options.hpp"
#include "troupe/specs/exchange/span.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Sends spans to a collector, in batches and from a thread of its own. What
/// finds the queue full, or what the collector does not take after some tries,
/// is dropped and counted; nobody waits. Thread-safe.
class otlp_exporter final : public span_sink {
public:
  /// @param version of this program
  /// @throws std::runtime_error when it cannot begin
  otlp_exporter(const telemetry_options& options, std::string version,
                log_sink log);

  /// As `end`, with a bound of zero.
  ~otlp_exporter() override;

  otlp_exporter(const otlp_exporter&) = delete;
  otlp_exporter& operator=(const otlp_exporter&) = delete;

  void take(std::vector<span> spans) noexcept override;

  /// Sends what waits, once, and ends the thread; one that waits for the
  /// collector when the time is up is left behind.
  bool end(std::chrono::milliseconds bound);

  [[nodiscard]] std::uint64_t sent() const noexcept;
  [[nodiscard]] std::uint64_t dropped() const noexcept;

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
