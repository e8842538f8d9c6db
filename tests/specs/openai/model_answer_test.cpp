#include "troupe/specs/openai/model_answer.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::openai;
using nlohmann::json;

namespace {

answer_piece read(const char* text) {
  return read_answer(payload{json::parse(text)});
}

std::string refused(payload x) {
  try {
    (void)read_answer(std::move(x));
  } catch (const std::runtime_error& e) {
    std::string text{e.what()};
    return text.substr(text.find("): ") + 3);
  }
  return "taken";
}

std::string refused(const char* text) {
  return refused(payload{json::parse(text)});
}

} // namespace

TEST(model_answer, may_be_a_string) {
  EXPECT_EQ(read("\"a\"").content, "a");
  EXPECT_EQ(read_answer(payload{"b", "text/plain; charset=utf-8"}).content,
            "b");
}

TEST(model_answer, may_be_nothing) {
  EXPECT_TRUE(read("null").empty());
  EXPECT_TRUE(read_answer({}).empty());
  EXPECT_TRUE(read("\"\"").empty());
}

TEST(model_answer, may_be_an_object_with_any_of_the_keys) {
  auto x = read(R"({"role":"assistant","content":"c","refusal":"r",
                    "finish_reason":"length","prompt_tokens":3,
                    "completion_tokens":4,"total_tokens":7,
                    "logprobs":{"content":[{"token":"c"}],"refusal":null},
                    "tool_calls":[{"id":"i","type":"function","index":2,
                      "function":{"name":"f","arguments":"{}"}}]})");
  EXPECT_EQ(x.role, "assistant");
  EXPECT_EQ(x.content, "c");
  EXPECT_EQ(x.refusal, "r");
  EXPECT_EQ(x.finish_reason, "length");
  EXPECT_EQ(x.logprobs, json::parse(R"({"content":[{"token":"c"}]})"));
  EXPECT_EQ(x.prompt_tokens, 3U);
  EXPECT_EQ(x.completion_tokens, 4U);
  ASSERT_EQ(x.tool_calls.size(), 1U);
  EXPECT_EQ(x.tool_calls[0].id, "i");
  EXPECT_EQ(x.tool_calls[0].index, 2U);
  EXPECT_EQ(x.tool_calls[0].name, "f");
  EXPECT_EQ(x.tool_calls[0].arguments, "{}");
  EXPECT_EQ(read(R"({"text":"t"})").content, "t");
  EXPECT_TRUE(read(R"({"role":"assistant"})").empty());
  EXPECT_TRUE(read(R"({"content":null,"tool_calls":null})").empty());
  EXPECT_FALSE(read(R"({"refusal":"no"})").empty());
}

TEST(model_answer, writes_arguments_that_are_an_object) {
  auto x = read(R"({"tool_calls":[{"function":{"name":"f",
                    "arguments":{"a":1}}}]})");
  EXPECT_EQ(x.tool_calls.at(0).arguments, R"({"a":1})");
}

TEST(model_answer, is_refused_when_it_is_anything_else) {
  EXPECT_EQ(refused("1"), "expected string, null or object, got number");
  EXPECT_EQ(refused("[]"), "expected string, null or object, got array");
  EXPECT_EQ(refused("{}"), "expected one of the known keys");
  EXPECT_EQ(refused(R"({"contents":"a"})"), "unknown key \"contents\"");
  EXPECT_EQ(refused(R"({"content":1})"),
            "/content: expected string, got number");
  EXPECT_EQ(refused(R"({"content":"a","text":"b"})"),
            "expected \"content\" or \"text\", got both");
  EXPECT_EQ(refused(R"({"finish_reason":"tired"})"),
            "/finish_reason: expected 'stop', 'length', 'tool_calls', "
            "'content_filter' or 'function_call', got 'tired'");
  EXPECT_NE(refused(R"({"completion_tokens":-1})"), "taken");
  EXPECT_NE(refused(R"({"prompt_tokens":1.5})"), "taken");
  EXPECT_NE(refused(R"({"prompt_tokens":18446744073709551615})"), "taken");
  EXPECT_EQ(refused(R"({"tool_calls":[{}]})"),
            "/tool_calls/0: expected a function with a name");
  EXPECT_NE(refused(R"({"tool_calls":[{"index":1024}]})"), "taken");
  EXPECT_NE(refused(R"({"tool_calls":{}})"), "taken");
  EXPECT_EQ(refused(R"({"logprobs":[]})"),
            "/logprobs: expected object, got array");
  EXPECT_EQ(refused(R"({"logprobs":{"content":1}})"),
            "/logprobs/content: expected array, got number");
  EXPECT_EQ(refused(payload{"x", "image/png"}), "it is of type image/png");
}

TEST(model_answer, usage_has_the_sum) {
  EXPECT_EQ((token_usage{3, 4}.to_json()),
            json::parse(R"({"prompt_tokens":3,"completion_tokens":4,
                            "total_tokens":7})"));
}
