#pragma once

#include "troupe/specs/values/reply.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a model answers to `/v1/chat/completions` and `/v1/completions`: each
/// item of its stream, or its whole answer, is one of
/// - a string (JSON, or `text/plain`): content;
/// - `null`, or nothing: no content;
/// - an object with any of these keys, and no others:
///   | key | value |
///   | --- | --- |
///   | `role` | a string; the first one of an answer counts, else `assistant` |
///   | `content` or `text` | a string or `null` |
///   | `tool_calls` | a list of calls, see below, or `null` |
///   | `refusal` | a string or `null` |
///   | `logprobs` | an object of lists as OpenAI has it, or `null` |
///   | `finish_reason` | see below; the last one counts |
///   | `prompt_tokens` | a count, of the whole answer so far |
///   | `completion_tokens` | as above; of both the last ones count |
///   | `total_tokens` | ignored: it is the sum |
///
/// `finish_reason` is `stop`, `length`, `tool_calls`, `content_filter`,
/// `function_call` or `null`. Contents and refusals of several items are
/// joined; so are the lists in `logprobs`, which reach only clients that ask
/// for them. A content may end within a code point: the rest is in the next
/// one. A call is
/// `{"id", "index", "function": {"name", "arguments"}}`, where `arguments` is
/// JSON as text, or an object; `id`, `index` and `type` may be left out. With
/// an `index` it is a piece of that call, and its `arguments` are appended to
/// what came before; without, it is the next call. There are at most 1024.
///
/// Anything else fails the request with 500, and the log says what was wrong.
/// The answer is the same for clients that stream and those that do not, and
/// so is its `usage`: the model's counts, or else the number of items that are
/// not empty, and 0 for the prompt.
namespace troupe::openai {

/// The most calls of one answer.
inline constexpr std::size_t max_calls = 1024;

/// A call, or a piece of one.
struct tool_call_piece {
  std::optional<std::uint64_t> index = {};
  std::string id = {};
  std::string name = {};
  std::string arguments = {};
};

/// One item of a model's answer.
struct answer_piece {
  std::optional<std::string> role = {};
  std::string content = {};
  std::string refusal = {};
  std::vector<tool_call_piece> tool_calls = {};
  /// An object of lists, or null.
  nlohmann::json logprobs = nullptr;
  std::optional<std::string> finish_reason = {};
  std::optional<std::uint64_t> prompt_tokens = {};
  std::optional<std::uint64_t> completion_tokens = {};

  /// Returns whether it says nothing that a client sees before the end.
  [[nodiscard]] bool empty() const noexcept {
    return content.empty() && refusal.empty() && tool_calls.empty();
  }

  /// Returns whether it says a text and nothing else before the end.
  [[nodiscard]] bool only_content() const noexcept {
    return !content.empty() && refusal.empty() && tool_calls.empty()
           && logprobs.is_null();
  }
};

/// Reads an item.
/// @throws std::runtime_error with a text for the log
answer_piece read_answer(payload item);

/// `{"prompt_tokens","completion_tokens","total_tokens"}`.
struct token_usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;

  [[nodiscard]] nlohmann::json to_json() const;
};

} // namespace troupe::openai
