#pragma once

#include "troupe/specs/exchange/time_budget.hpp"
#include "troupe/specs/values/trace_context.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

enum class span_kind : std::uint8_t { internal = 1, server = 2 };

/// Something that was done for a request, from when to when.
struct span {
  using attribute = std::variant<std::string, std::int64_t>;

  /// Of this span.
  trace_context place = {};
  /// The span that it is a part of; zero for none.
  trace_context::span_bytes parent = {};
  std::string name = {};
  span_kind kind = span_kind::internal;
  deadline_clock::time_point begin = {};
  deadline_clock::time_point end = {};
  bool failed = false;
  std::vector<std::pair<std::string, attribute>> attributes = {};
};

/// Takes spans that have ended. Called from every thread; does not wait.
class span_sink {
public:
  virtual ~span_sink() = default;

  virtual void take(std::vector<span> spans) noexcept = 0;
};

/// What a request carries of the trace that it belongs to.
struct request_trace {
  /// Its own place: what it causes elsewhere has this span as its parent.
  trace_context context = {};
  /// Takes the spans of what is done for it; null when they are not recorded.
  std::shared_ptr<span_sink> sink = {};

  /// Whether spans are recorded.
  [[nodiscard]] bool recorded() const noexcept {
    return sink != nullptr;
  }
};

/// Records that something was done for a request: a span below its own. For
/// pipelines and other code that does a part of the work; costs a test when the
/// request is not recorded.
/// @returns the place of the new span, for what is below it
trace_context record_span(
  const request_trace& of, std::string_view name,
  deadline_clock::time_point begin, deadline_clock::time_point end,
  std::vector<std::pair<std::string, span::attribute>> attributes = {},
  bool failed = false);

/// The parts of the time that a model takes for a request.
struct work_times {
  deadline_clock::time_point created = {};
  /// When a worker took it.
  std::optional<deadline_clock::time_point> started = {};
  /// When `predict` returned, if somebody noted that.
  std::optional<deadline_clock::time_point> predicted = {};
  deadline_clock::time_point ended = {};
};

/// Appends the spans `queue` and `predict` below `parent`.
void append_work(std::vector<span>& out, const trace_context& parent,
                 const work_times& times);

} // namespace troupe
