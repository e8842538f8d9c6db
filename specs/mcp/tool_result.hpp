#pragma once

#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/reply.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::mcp {

/// Makes a `CallToolResult` (MCP, server features, tools) of what a model
/// answers: text for documents and text, `image` and `audio` for bytes of such
/// a media type, an embedded resource for others.
class tool_result {
public:
  /// @param max_bytes how much of a stream is kept, as text
  explicit tool_result(std::size_t max_bytes) : max_bytes_(max_bytes) {
    // nop
  }

  /// Takes one item of a stream. Texts follow each other as they are, so that
  /// tokens make a sentence; other documents get a line each.
  /// @throws http_error 500 when it is too much, and keeps nothing of it
  void add(payload item);

  /// Ends with a whole answer, or, after `add`, with the end of the stream.
  /// `structuredContent` is the answer when that is an object, and
  /// `{"items": [...]}` for a stream of documents or of nothing.
  /// @throws as `add`, after it
  nlohmann::json finish(payload answer);

private:
  /// Counts `n` bytes of text.
  /// @throws http_error 500 when they are too many for a stream
  void take(std::size_t n);
  /// Leaves a document as it is.
  void append(payload& x);
  void append_text(std::string_view text);
  void append_bytes(std::string bytes, std::string_view content_type);

  std::size_t max_bytes_;
  std::size_t taken_ = 0;
  bool streamed_ = false;
  nlohmann::json content_ = nlohmann::json::array();
  /// The documents of a stream; null once there was anything else.
  nlohmann::json items_ = nlohmann::json::array();
};

/// Makes the result that tells a language model of a failure, so that it may
/// do better (MCP, tools, error handling). Refused values are told with their
/// places, a line each, e.g. `input: Field required`.
nlohmann::json error_result(const failure& why);

/// As above, with a text.
nlohmann::json error_result(std::string text);

} // namespace troupe::mcp
