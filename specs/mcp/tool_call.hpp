#pragma once

#include "troupe/specs/spec/model_call.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace troupe::mcp {

/// How a call of a tool is answered.
struct tool_answer {
  /// Of the request.
  nlohmann::json id;
  /// Null in the legacy era.
  nlohmann::json server_info = nullptr;
  /// How much of a stream is kept, as text.
  std::size_t max_bytes = 0;
  /// What the answer has to match; null for nothing.
  nlohmann::json output_schema = nullptr;
  /// Of a client that takes an event stream and wants to hear of the progress;
  /// null for others.
  nlohmann::json progress_token = nullptr;
};

/// The answer to requests that were cancelled, which get none: an event stream
/// without an event. Clients take it for the end of the request.
reply no_answer();

/// Lets the answer of a call, or its failure, be the response to `tools/call`.
/// A stream is collected; with a progress token, notifications of how many
/// items there are precede the response, as events. A failure is a result with
/// `isError`; a call that was cancelled gets `no_answer`.
void answer_as_tool(model_call& call, tool_answer answer);

} // namespace troupe::mcp
