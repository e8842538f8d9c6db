#pragma once

#include "troupe/specs/openai/chat/sampling.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::openai {

/// One part of a message's content. Which members count depends on `type`.
struct content_part {
  /// `text`, `image_url`, `input_audio`, `file` or `refusal`.
  std::string type = "text";
  /// Of `text` and `refusal`.
  std::string text = {};
  /// Of `image_url`: an URL or a `data:` URL, as the client sent it.
  std::string url = {};
  /// Of `image_url`: a hint, e.g. `auto`, `low` or `high`; any text.
  std::string detail = "auto";
  /// Of `input_audio`: base64, not decoded.
  std::string data = {};
  /// Of `input_audio`: what `data` is, e.g. `wav` or `mp3`; any text, for the
  /// model decodes it.
  std::string format = {};
  /// Of `file`.
  std::string file_id = {};
  std::string file_data = {};
  std::string filename = {};
};

/// A call that a model asked for in an earlier turn.
struct requested_call {
  std::string id = {};
  std::string name = {};
  /// JSON as text, as the model wrote it.
  std::string arguments = {};
};

struct chat_message {
  /// `developer`, `system`, `user`, `assistant`, `tool` or `function`.
  std::string role = {};
  /// Content that is a string is one part of type `text`.
  std::vector<content_part> content = {};
  std::string name = {};
  std::vector<requested_call> tool_calls = {};
  /// Of a `tool` message: which call it answers.
  std::string tool_call_id = {};

  /// Returns the text parts, joined.
  [[nodiscard]] std::string text() const;
};

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
  /// A hint, e.g. `low` or `high`; any text, for the list grows. "" when the
  /// client said nothing.
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
void from_json(const nlohmann::json& j, chat_message& out);
void from_json(const nlohmann::json& j, content_part& out);
void from_json(const nlohmann::json& j, chat_tool& out);
void from_json(const nlohmann::json& j, requested_call& out);

} // namespace troupe::openai
