#pragma once

#include <nlohmann/json.hpp>

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
  /// Of `input_audio`: `wav` or `mp3`.
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

/// One message of a conversation.
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

/// Reads and checks; unknown fields are ignored.
/// @throws validation_error that names the field, e.g.
///         `content[1].input_audio.format`
void from_json(const nlohmann::json& j, chat_message& out);
void from_json(const nlohmann::json& j, content_part& out);
void from_json(const nlohmann::json& j, requested_call& out);

} // namespace troupe::openai
