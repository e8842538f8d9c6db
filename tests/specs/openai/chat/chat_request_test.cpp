#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/openai/chat/chat_request.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::openai;
using nlohmann::json;

namespace {

const json user{{"role", "user"}, {"content", "hi"}};

json with(const json& more) {
  json result{{"model", "m"}, {"messages", {user}}};
  result.update(more);
  return result;
}

chat_request read(const json& document) {
  chat_request result;
  read_value(document, result);
  return result;
}

/// The place and the text of the error, or "taken".
std::string refused(const json& document) {
  try {
    (void)read(document);
  } catch (const validation_error& e) {
    return json(e.location()).dump() + ' ' + e.message();
  }
  return "taken";
}

std::string refused_field(const char* key, const char* value) {
  return refused(with({{key, json::parse(value)}}));
}

std::string refused_message(const char* message) {
  return refused({{"messages", {json::parse(message)}}});
}

std::string refused_part(const char* part) {
  return refused(
    {{"messages", {{{"role", "user"}, {"content", {json::parse(part)}}}}}});
}

} // namespace

TEST(chat_request, reads_every_field) {
  auto x = read(json::parse(R"({
    "model": "gpt-4o", "temperature": 0, "top_p": 1, "n": 2,
    "max_tokens": 5, "max_completion_tokens": 7, "stop": ["a", "b"],
    "stream": true, "stream_options": {"include_usage": true},
    "presence_penalty": -2, "frequency_penalty": 2,
    "logit_bias": {"50256": -100}, "seed": -1, "user": "u",
    "messages": [
      {"role": "developer", "content": "d"},
      {"role": "user", "name": "n", "content": [
        {"type": "text", "text": "a"},
        {"type": "image_url", "image_url": {"url": "data:x", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
        {"type": "file", "file": {"file_data": "BB", "filename": "f"}},
        {"type": "text", "text": "b"}]},
      {"role": "assistant", "content": null, "tool_calls": [
        {"id": "c1", "type": "function",
         "function": {"name": "f", "arguments": "{}"}}]},
      {"role": "tool", "content": "42", "tool_call_id": "c1"}],
    "tools": [{"type": "function", "function": {"name": "f"}},
              {"type": "function", "function": {
                "name": "g", "description": "d", "strict": true,
                "parameters": {"type": "object"}}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "parallel_tool_calls": false,
    "response_format": {"type": "json_schema",
                        "json_schema": {"name": "s", "schema": {}}},
    "reasoning_effort": "high", "metadata": {"k": "v"},
    "logprobs": true, "top_logprobs": 20, "unheard_of": [1]})"));
  EXPECT_EQ(x.model, "gpt-4o");
  EXPECT_EQ(x.temperature, 0.0);
  EXPECT_EQ(x.top_p, 1.0);
  EXPECT_EQ(x.n, 2U);
  EXPECT_EQ(x.max_tokens, 7);
  EXPECT_EQ(x.stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(x.stream);
  EXPECT_TRUE(x.include_usage);
  EXPECT_EQ(x.presence_penalty, -2.0);
  EXPECT_EQ(x.frequency_penalty, 2.0);
  EXPECT_EQ(x.logit_bias.at("50256"), -100.0);
  EXPECT_EQ(x.seed, -1);
  EXPECT_EQ(x.user, "u");
  ASSERT_EQ(x.messages.size(), 4U);
  EXPECT_EQ(x.messages[0].text(), "d");
  EXPECT_EQ(x.messages[1].name, "n");
  EXPECT_EQ(x.messages[1].text(), "ab");
  const auto& parts = x.messages[1].content;
  ASSERT_EQ(parts.size(), 5U);
  EXPECT_EQ(parts[1].url, "data:x");
  EXPECT_EQ(parts[1].detail, "low");
  EXPECT_EQ(parts[2].data, "AA");
  EXPECT_EQ(parts[2].format, "wav");
  EXPECT_EQ(parts[3].file_data, "BB");
  EXPECT_EQ(parts[3].filename, "f");
  ASSERT_EQ(x.messages[2].tool_calls.size(), 1U);
  EXPECT_EQ(x.messages[2].tool_calls[0].name, "f");
  EXPECT_EQ(x.messages[2].tool_calls[0].arguments, "{}");
  EXPECT_EQ(x.messages[3].tool_call_id, "c1");
  ASSERT_EQ(x.tools.size(), 2U);
  EXPECT_TRUE(x.tools[0].parameters.is_null());
  EXPECT_EQ(x.tools[1].description, "d");
  EXPECT_TRUE(x.tools[1].strict);
  EXPECT_EQ(x.tool_choice["function"]["name"], "f");
  EXPECT_EQ(x.parallel_tool_calls, false);
  EXPECT_EQ(x.response_format["type"], "json_schema");
  EXPECT_EQ(x.reasoning_effort, "high");
  EXPECT_EQ(x.metadata.at("k"), "v");
  EXPECT_TRUE(x.logprobs);
  EXPECT_EQ(x.top_logprobs, 20);
}

TEST(chat_request, needs_messages_alone) {
  auto x = read({{"messages", {user}}});
  EXPECT_EQ(x.model, "");
  EXPECT_EQ(x.n, 1U);
  EXPECT_FALSE(x.stream);
  EXPECT_FALSE(x.max_tokens.has_value());
  EXPECT_TRUE(x.tool_choice.is_null());
}

TEST(chat_request, takes_null_for_what_may_be_left_out) {
  auto document = with(json::object());
  for (const auto* key :
       {"model", "temperature", "top_p", "n", "max_tokens", "stop", "stream",
        "stream_options", "presence_penalty", "logit_bias", "seed", "user",
        "tools", "tool_choice", "response_format", "reasoning_effort",
        "metadata", "logprobs", "top_logprobs"})
    document[key] = nullptr;
  EXPECT_EQ(refused(document), "taken");
}

TEST(chat_request, wants_an_object) {
  EXPECT_EQ(refused(json::array()), "[] expected object, got array");
  EXPECT_EQ(refused(nullptr), "[] expected object, got null");
  EXPECT_EQ(refused("x"), "[] expected object, got string");
}

TEST(chat_request, wants_at_least_one_message) {
  EXPECT_EQ(refused(json::object()), R"(["messages"] Field required)");
  EXPECT_EQ(refused({{"messages", json::array()}}),
            R"(["messages"] expected at least one message)");
  EXPECT_EQ(refused({{"messages", "hi"}}),
            R"(["messages"] expected array, got string)");
  EXPECT_EQ(refused({{"messages", {"hi"}}}),
            R"(["messages",0] expected object, got string)");
}

TEST(chat_request, never_wraps_a_number) {
  EXPECT_EQ(refused_field("n", "4294967297"),
            R"(["n"] expected an integer from 1 to 128, got 4294967297)");
  EXPECT_EQ(refused_field("n", "-1"),
            R"(["n"] expected an integer from 1 to 128, got -1)");
  EXPECT_EQ(refused_field("n", "0"),
            R"(["n"] expected an integer from 1 to 128, got 0)");
  EXPECT_EQ(refused_field("n", "1e30"),
            R"(["n"] expected integer, got number)");
  EXPECT_EQ(refused_field("n", "1.0"), R"(["n"] expected integer, got number)");
  EXPECT_EQ(refused_field("n", "\"1\""),
            R"(["n"] expected integer, got string)");
  EXPECT_EQ(refused_field("n", "18446744073709551615"),
            R"(["n"] expected an integer from -9223372036854775808 to )"
            "9223372036854775807");
  EXPECT_EQ(refused_field("n", "128"), "taken");
  EXPECT_EQ(refused_field("n", "129"),
            R"(["n"] expected an integer from 1 to 128, got 129)");
  for (const auto* key : {"max_tokens", "max_completion_tokens"}) {
    EXPECT_EQ(refused_field(key, "1"), "taken");
    EXPECT_NE(refused_field(key, "0"), "taken");
    EXPECT_NE(refused_field(key, "-1"), "taken");
    EXPECT_NE(refused_field(key, "1e30"), "taken");
    EXPECT_NE(refused_field(key, "18446744073709551615"), "taken");
  }
}

TEST(chat_request, checks_types_and_ranges) {
  struct row {
    const char* key;
    const char* good;
    const char* bad;
  };
  for (const auto& [key, good, bad] : {
         row{"model", "\"m\"", "1"},
         row{"temperature", "2", "2.1"},
         row{"temperature", "0.5", "-0.1"},
         row{"temperature", "1", "\"1\""},
         row{"top_p", "0", "1.5"},
         row{"presence_penalty", "2", "2.5"},
         row{"frequency_penalty", "-2", "-3"},
         row{"stop", "\"a\"", "1"},
         row{"stop", R"(["a","b","c","d"])", R"(["a","b","c","d","e"])"},
         row{"stop", "[]", "[1]"},
         row{"stream", "true", "\"true\""},
         row{"stream_options", "{}", "true"},
         row{"stream_options", R"({"include_usage":false})",
             R"({"include_usage":1})"},
         row{"logit_bias", R"({"1":100})", R"({"1":101})"},
         row{"seed", "9007199254740993", "1.5"},
         row{"user", "\"\"", "{}"},
         row{"logprobs", "false", "0"},
         row{"top_logprobs", "0", "21"},
         row{"top_logprobs", "20", "-1"},
         row{"parallel_tool_calls", "true", "1"},
         row{"reasoning_effort", "\"a level of next year\"", "3"},
         row{"metadata", R"({"a":"b"})", R"({"a":1})"},
         row{"metadata", "{}", "[]"},
         row{"tool_choice", "\"required\"", "\"maybe\""},
         row{"tool_choice", R"({"type":"function","function":{"name":"f"}})",
             R"({"type":"function","function":{}})"},
         row{"tool_choice", "\"none\"", "1"},
         row{"response_format", R"({"type":"text"})", R"({"type":"xml"})"},
         row{"response_format", R"({"type":"json_object"})", "\"text\""},
         row{"response_format",
             R"({"type":"json_schema","json_schema":{"name":"s"}})",
             R"({"type":"json_schema"})"},
         row{"tools", "[]", "{}"},
         row{"tools", R"([{"type":"function","function":{"name":"f"}}])",
             R"([{"type":"function","function":{}}])"},
         row{"tools", "null", R"([{"type":"magic","function":{"name":"f"}}])"},
         row{"tools", "null",
             R"([{"type":"function","function":{"name":""}}])"},
         row{"store", "true", "1"},
         row{"service_tier", "\"auto\"", "1"},
         row{"verbosity", "\"loud\"", "1"},
         row{"modalities", R"(["text"])", "\"text\""},
       }) {
    EXPECT_EQ(refused_field(key, good), "taken") << key;
    auto why = refused_field(key, bad);
    EXPECT_TRUE(why.starts_with("[\"" + std::string{key} + '"'))
      << key << ' ' << bad << ": " << why;
  }
}

TEST(chat_request, bounds_lists) {
  auto tools = json::array();
  for (int i = 0; i < 128; ++i)
    tools.push_back({{"type", "function"}, {"function", {{"name", "f"}}}});
  EXPECT_EQ(refused(with({{"tools", tools}})), "taken");
  tools.push_back(tools[0]);
  EXPECT_EQ(refused(with({{"tools", tools}})),
            R"(["tools"] expected at most 128 elements, got 129)");
  auto metadata = json::object();
  for (int i = 0; i < 17; ++i)
    metadata[std::to_string(i)] = "";
  EXPECT_EQ(refused(with({{"metadata", metadata}})),
            R"(["metadata"] expected at most 16 elements, got 17)");
  // 512 characters of two bytes each.
  std::string text;
  for (int i = 0; i < 512; ++i)
    text += "ä";
  EXPECT_EQ(refused(with({{"metadata", {{"a", text}}}})), "taken");
  EXPECT_NE(refused(with({{"metadata", {{"a", text + "a"}}}})), "taken");
}

TEST(chat_request, checks_messages) {
  EXPECT_EQ(refused_message(R"({"role":"robot","content":"x"})"),
            R"(["messages",0,"role"] expected 'developer', 'system', 'user', )"
            "'assistant', 'tool' or 'function', got 'robot'");
  EXPECT_EQ(refused_message(R"({"content":"x"})"),
            R"(["messages",0,"role"] Field required)");
  EXPECT_EQ(refused_message(R"({"role":"user"})"),
            R"(["messages",0,"content"] Field required)");
  EXPECT_EQ(refused_message(R"({"role":"user","content":null})"),
            R"(["messages",0,"content"] Field required)");
  EXPECT_EQ(refused_message(R"({"role":"user","content":1})"),
            R"(["messages",0,"content"] expected string or array of parts, )"
            "got number");
  EXPECT_EQ(refused_message(R"({"role":"user","content":[]})"),
            R"(["messages",0,"content"] expected at least one part)");
  EXPECT_EQ(refused_message(R"({"role":"tool","content":"x"})"),
            R"(["messages",0,"tool_call_id"] Field required)");
  EXPECT_EQ(refused_message(R"({"role":"assistant","tool_calls":[{}]})"),
            R"(["messages",0,"tool_calls",0,"function"] Field required)");
  for (const auto* role : {"developer", "system", "user", "assistant"})
    EXPECT_EQ(refused({{"messages", {{{"role", role}, {"content", "x"}}}}}),
              "taken");
  EXPECT_EQ(refused_message(R"({"role":"assistant"})"), "taken");
  EXPECT_EQ(refused_message(R"({"role":"function","name":"f","content":null})"),
            "taken");
}

TEST(chat_request, checks_parts) {
  const std::string at = R"(["messages",0,"content",0)";
  EXPECT_EQ(refused_part(R"({"type":"text","text":"a"})"), "taken");
  EXPECT_EQ(refused_part(R"({"type":"text"})"),
            at + R"(,"text"] Field required)");
  EXPECT_EQ(refused_part(R"("text")"), at + "] expected object, got string");
  EXPECT_NE(refused_part(R"({"type":"video"})"), "taken");
  EXPECT_EQ(refused_part(R"({"type":"image_url","image_url":"http://x"})"),
            "taken")
    << "LitServe takes it, too";
  EXPECT_EQ(refused_part(R"({"type":"image_url","image_url":{}})"),
            at + R"(,"image_url","url"] Field required)");
  for (const auto* detail : {"low", "original"})
    EXPECT_EQ(
      refused_part((R"({"type":"image_url","image_url":{"url":"x","detail":")"
                    + std::string{detail} + "\"}}")
                     .c_str()),
      "taken");
  for (const auto* format : {"wav", "mp3"})
    EXPECT_EQ(refused_part(
                (R"({"type":"input_audio","input_audio":{"data":"","format":")"
                 + std::string{format} + "\"}}")
                  .c_str()),
              "taken");
  EXPECT_EQ(
    refused_part(
      R"({"type":"input_audio","input_audio":{"data":"","format":"flac"}})"),
    at + R"(,"input_audio","format"] expected 'wav' or 'mp3', got 'flac')");
  EXPECT_EQ(refused_part(R"({"type":"file","file":{"file_id":"f"}})"), "taken");
  EXPECT_EQ(refused_part(R"({"type":"file","file":{}})"),
            at + R"(,"file"] expected "file_data" or "file_id")");
  EXPECT_EQ(refused_part(R"({"type":"refusal","refusal":"no"})"), "taken");
}
