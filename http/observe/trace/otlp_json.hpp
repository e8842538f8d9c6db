#pragma once

#include "troupe/http/observe_options.hpp"
#include "troupe/specs/exchange/span.hpp"

#include <chrono>
#include <span>
#include <string>

namespace troupe {

/// Where the steady clock of spans stands on the wall.
struct clock_offset {
  std::chrono::system_clock::time_point wall = {};
  deadline_clock::time_point steady = {};

  [[nodiscard]] static clock_offset now() {
    return {std::chrono::system_clock::now(), deadline_clock::now()};
  }
};

/// Renders an `ExportTraceServiceRequest` in the JSON form of OTLP.
[[nodiscard]] std::string to_otlp_json(std::span<const span> spans,
                                       const telemetry_options& options,
                                       const std::string& version,
                                       const clock_offset& offset);

} // namespace troupe
