#pragma once

#include "troupe/specs/openai/chat/chat_message.hpp"
#include "troupe/specs/openai/chat/sampling.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::openai {

/// A function that the model may ask to be called.
struct chat_tool {
  std::string name = {};
  std::string description = {};
  /// A JSON schema; null when the function takes nothing.
  nlohmann::json parameters = nullptr;
  bool strict = false;
};

/// The body of `POST /v1/chat/completions`, and what a model of class
/// `predict(const openai::chat_request&, ...)` gets. Fields that are not here
/// are in the document, which a model gets when it takes `nlohmann::json`.
struct chat_request : sampling {
  /// At least one.
  std::vector<chat_message> messages = {};
  std::vector<chat_tool> tools = {};
  /// `none`, `auto`, `required`, or
  /// `{"type":"function","function":{"name":..}}`; null when the client said
  /// nothing.
  nlohmann::json tool_choice = nullptr;
  std::optional<bool> parallel_tool_calls = {};
  /// `{"type": "text" | "json_object" | "json_schema", ...}`, or null.
  nlohmann::json response_format = nullptr;
  /// A hint, e.g. `low` or `high`; any text, because the list grows. "" when
  /// the client said nothing.
  std::string reasoning_effort = {};
  /// At most 16.
  std::map<std::string, std::string> metadata = {};
  bool logprobs = false;
  /// 0 to 20.
  std::optional<std::int64_t> top_logprobs = {};
};

/// Reads and checks a request; unknown fields are ignored.
/// @throws validation_error that names the field, e.g.
///         `messages[0].content[1].input_audio.format`
void from_json(const nlohmann::json& j, chat_request& out);
void from_json(const nlohmann::json& j, chat_tool& out);

} // namespace troupe::openai
