#pragma once

#include "troupe/http/observe_options.hpp"
#include "troupe/specs/exchange/span.hpp"
#include "troupe/specs/values/headers.hpp"

#include <cstdint>
#include <memory>

namespace troupe {

/// The beginning of a request's part in its trace.
struct trace_start {
  request_trace trace = {};
  /// The span of the caller; zero when the trace begins here.
  trace_context::span_bytes parent = {};
};

/// Decides which requests are recorded. Thread-safe.
class tracer {
public:
  /// @param sink takes what is recorded
  tracer(const telemetry_options& options, std::shared_ptr<span_sink> sink);

  /// Continues the trace of a request, or starts one.
  [[nodiscard]] trace_start start(const header_map& headers) const;

private:
  [[nodiscard]] bool
  chosen(const trace_context::trace_bytes& id) const noexcept;

  sampling sampler_;
  /// An id is recorded when its last 63 bits are below.
  std::uint64_t below_;
  std::shared_ptr<span_sink> sink_;
};

} // namespace troupe
