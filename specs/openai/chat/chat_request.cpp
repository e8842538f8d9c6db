#include "troupe/specs/openai/chat/chat_request.hpp"

#include "troupe/specs/openai/wire/fields.hpp"
#include "troupe/specs/text/utf8.hpp"

namespace troupe::openai {

namespace {

using nlohmann::json;

constexpr std::size_t max_tools = 128;
constexpr std::size_t max_metadata = 16;
constexpr std::size_t max_metadata_key = 64;
constexpr std::size_t max_metadata_value = 512;

void expect_at_most(const char* key, std::size_t n, std::size_t most) {
  if (n > most)
    throw field_error(key, "expected at most " + std::to_string(most)
                             + " elements, got " + std::to_string(n));
}

void check_tool_choice(const json& j) {
  if (j.is_string()) {
    // "any" is LitServe's and Mistral's word for "required".
    for (const auto* known : {"none", "auto", "required", "any"})
      if (j == known)
        return;
    throw validation_error("value_error", "expected 'none', 'auto', "
                                          "'required' or an object");
  }
  if (!j.is_object())
    throw wrong_type("string or object", j);
  std::string type;
  read_field(j, "type", type);
  if (type != "function")
    return;
  json function;
  read_field(j, "function", function);
  reading::at("function", [&] {
    std::string name;
    read_field(function, "name", name);
  });
}

void check_response_format(const json& j) {
  expect_object(j);
  std::string type;
  read_field(j, "type", type);
  expect_one_of("type", type, {"text", "json_object", "json_schema"});
  if (type != "json_schema")
    return;
  json schema;
  read_field(j, "json_schema", schema);
  reading::at("json_schema", [&] {
    std::string text;
    read_field(schema, "name", text);
    read_optional(schema, "description", text);
    with_member(schema, "schema", [](const json& x) { expect_object(x); });
    bool strict = false;
    read_optional(schema, "strict", strict);
  });
}

void check_metadata(const std::map<std::string, std::string>& x) {
  expect_at_most("metadata", x.size(), max_metadata);
  for (const auto& [key, value] : x)
    if (count_code_points(key) > max_metadata_key
        || count_code_points(value) > max_metadata_value)
      throw field_error("metadata", "expected keys of at most 64 and values of "
                                    "at most 512 characters");
}

void read_messages(const json& j, std::vector<chat_message>& out) {
  read_field(j, "messages", out);
  if (out.empty())
    throw field_error("messages", "expected at least one message");
}

/// Fields that only a model could use: they have to be of their type. Hints are
/// texts of any value, because their lists grow with the models.
void check_others(const json& j) {
  bool flag = false;
  std::string text;
  read_optional(j, "store", flag);
  read_optional(j, "service_tier", text);
  read_optional(j, "verbosity", text);
  std::vector<std::string> list;
  read_optional(j, "modalities", list);
}

} // namespace

void from_json(const json& j, chat_tool& out) {
  constexpr std::size_t longest_name = 64;
  std::string type;
  read_field(j, "type", type);
  expect_one_of("type", type, {"function"});
  with_required(j, "function", [&](const json& x) {
    read_field(x, "name", out.name);
    if (out.name.empty() || out.name.size() > longest_name)
      throw field_error("name", "expected a name of 1 to 64 characters");
    read_optional(x, "description", out.description);
    with_member(x, "parameters", [&](const json& schema) {
      expect_object(schema);
      out.parameters = schema;
    });
    read_optional(x, "strict", out.strict);
  });
}

void from_json(const json& j, chat_request& out) {
  expect_object(j);
  read_messages(j, out.messages);
  read_sampling(j, out, 1);
  read_optional(j, "tools", out.tools);
  expect_at_most("tools", out.tools.size(), max_tools);
  if (with_member(j, "tool_choice", check_tool_choice)) {
    out.tool_choice = j["tool_choice"];
    if (out.tool_choice == "any")
      out.tool_choice = "required";
  }
  read_optional(j, "parallel_tool_calls", out.parallel_tool_calls);
  if (with_member(j, "response_format", check_response_format))
    out.response_format = j["response_format"];
  read_optional(j, "reasoning_effort", out.reasoning_effort);
  read_optional(j, "metadata", out.metadata);
  check_metadata(out.metadata);
  read_optional(j, "logprobs", out.logprobs);
  read_optional(j, "top_logprobs", out.top_logprobs);
  expect_range("top_logprobs", out.top_logprobs, 0, 20);
  check_others(j);
}

} // namespace troupe::openai
