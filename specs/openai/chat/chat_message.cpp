#include "troupe/specs/openai/chat/chat_message.hpp"

#include "troupe/specs/openai/wire/fields.hpp"

namespace troupe::openai {

namespace {

using nlohmann::json;

void read_image(const json& j, content_part& out) {
  // LitServe takes the URL itself, too.
  if (j.is_string()) {
    out.url = j.get<std::string>();
    return;
  }
  read_field(j, "url", out.url);
  read_optional(j, "detail", out.detail);
}

void read_audio(const json& j, content_part& out) {
  read_field(j, "data", out.data);
  read_field(j, "format", out.format);
  expect_one_of("format", out.format, {"wav", "mp3"});
}

void read_file(const json& j, content_part& out) {
  read_optional(j, "file_id", out.file_id);
  read_optional(j, "file_data", out.file_data);
  read_optional(j, "filename", out.filename);
  if (out.file_id.empty() && out.file_data.empty())
    throw validation_error("value_error",
                           "expected \"file_data\" or \"file_id\"");
}

void read_content(const json& j, std::vector<content_part>& out) {
  if (j.is_string()) {
    out.emplace_back().text = j.get<std::string>();
    return;
  }
  if (!j.is_array())
    throw wrong_type("string or array of parts", j);
  if (j.empty())
    throw validation_error("value_error", "expected at least one part");
  read_value(j, out);
}

} // namespace

std::string chat_message::text() const {
  std::string result;
  for (const auto& part : content)
    if (part.type == "text")
      result += part.text;
  return result;
}

void from_json(const json& j, content_part& out) {
  read_field(j, "type", out.type);
  expect_one_of("type", out.type,
                {"text", "image_url", "input_audio", "file", "refusal"});
  if (out.type == "text")
    read_field(j, "text", out.text);
  else if (out.type == "refusal")
    read_field(j, "refusal", out.text);
  else if (out.type == "image_url")
    with_required(j, "image_url", [&](const json& x) { read_image(x, out); });
  else if (out.type == "input_audio")
    with_required(j, "input_audio", [&](const json& x) { read_audio(x, out); });
  else
    with_required(j, "file", [&](const json& x) { read_file(x, out); });
}

void from_json(const json& j, requested_call& out) {
  read_optional(j, "id", out.id);
  with_required(j, "function", [&](const json& x) {
    read_field(x, "name", out.name);
    read_optional(x, "arguments", out.arguments);
  });
}

void from_json(const json& j, chat_message& out) {
  read_field(j, "role", out.role);
  expect_one_of(
    "role", out.role,
    {"developer", "system", "user", "assistant", "tool", "function"});
  auto read = [&](const json& x) { read_content(x, out.content); };
  // A message of the model may consist of calls alone.
  if (out.role == "assistant" || out.role == "function")
    with_member(j, "content", read);
  else
    with_required(j, "content", read);
  read_optional(j, "name", out.name);
  read_optional(j, "tool_calls", out.tool_calls);
  if (out.role == "tool")
    read_field(j, "tool_call_id", out.tool_call_id);
  else
    read_optional(j, "tool_call_id", out.tool_call_id);
}

} // namespace troupe::openai
