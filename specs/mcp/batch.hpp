#pragma once

#include "troupe/specs/spec/outcome.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <vector>

namespace troupe::mcp {

/// The most messages that a batch may have.
inline constexpr std::size_t max_batch = 100;

/// Collects the answers to the messages of a batch (JSON-RPC 2.0 section 6),
/// which the versions up to 2025-03-26 have.
class batch {
public:
  /// Adds the answer to a request.
  void add(nlohmann::json answer);

  /// Adds a call that was made ready by `answer_as_tool`. It fails alone.
  void add(model_call call);

  /// Ends it: an array of the answers in the order of their requests, without
  /// those of requests that were cancelled meanwhile; 202 when there was no
  /// request.
  outcome finish() &&;

private:
  /// One for each request; null for calls.
  std::vector<nlohmann::json> answers_;
  std::vector<model_call> calls_;
};

} // namespace troupe::mcp
