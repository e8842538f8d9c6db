#pragma once

#include "troupe/specs/values/headers.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// A place in a distributed trace, as W3C Trace Context has it: the trace and
/// the span that what follows is a part of. A value; empty when there is no
/// trace.
struct trace_context {
  using trace_bytes = std::array<std::uint8_t, 16>;
  using span_bytes = std::array<std::uint8_t, 8>;

  static constexpr std::uint8_t sampled_flag = 0x01;
  static constexpr std::uint8_t random_flag = 0x02;

  trace_bytes trace_id = {};
  span_bytes span_id = {};
  /// `sampled_flag` and `random_flag`; no others are handed on.
  std::uint8_t flags = 0;
  /// What other systems keep in `tracestate`; "" for none.
  std::string state = {};

  [[nodiscard]] bool sampled() const noexcept {
    return (flags & sampled_flag) != 0;
  }

  /// Whether there is a trace.
  explicit operator bool() const noexcept {
    return trace_id != trace_bytes{};
  }

  friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// Reads a `traceparent`. @returns nothing for one that breaks the rules of its
/// version, or of version 00 where it is of a later one
[[nodiscard]] std::optional<trace_context>
parse_traceparent(std::string_view text);

/// Checks a `tracestate` and cuts it to `max_tracestate` bytes, as the
/// recommendation has it: entries of more than 128 bytes go first, then those
/// at the end. @returns "" for one that breaks the rules
[[nodiscard]] std::string parse_tracestate(std::string_view text);

inline constexpr std::size_t max_tracestate = 512;

/// Reads both fields of a request. @returns an empty one when the request
/// belongs to no trace, or says so wrongly or twice
[[nodiscard]] trace_context trace_of(const header_map& headers);

/// Renders `traceparent`, of version 00.
/// @pre `x` is not empty
[[nodiscard]] std::string to_traceparent(const trace_context& x);
void append_traceparent(std::string& out, const trace_context& x);

/// Appends the bytes as hexadecimal digits.
void append_hex(std::string& out, const trace_context::trace_bytes& x);
void append_hex(std::string& out, const trace_context::span_bytes& x);

/// Makes ids that nobody else makes; never zero. Safe from every thread.
[[nodiscard]] trace_context::trace_bytes new_trace_id();
[[nodiscard]] trace_context::span_bytes new_span_id();

/// Returns the place of a new span below `parent`.
[[nodiscard]] trace_context child_of(const trace_context& parent);

/// Names a request in a line of the log: its id, and its trace if it belongs to
/// one: `request abc trace 0af7651916cd43dd8448eb211c80319c`.
[[nodiscard]] std::string named_request(std::string_view request_id,
                                        const trace_context& trace);

} // namespace troupe
