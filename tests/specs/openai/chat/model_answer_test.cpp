#include "troupe/specs/openai/chat/model_answer.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::openai;
using nlohmann::json;

namespace {

answer_piece piece_of(const char* text) {
  return read_answer(payload{json::parse(text)});
}

std::string piece_refusal(payload x) {
  try {
    (void)read_answer(std::move(x));
  } catch (const std::runtime_error& e) {
    std::string text{e.what()};
    return text.substr(text.find("): ") + 3);
  }
  return "taken";
}

std::string piece_refusal(const char* text) {
  return piece_refusal(payload{json::parse(text)});
}

} // namespace

TEST(model_answer, may_be_a_string) {
  EXPECT_EQ(piece_of("\"a\"").content, "a");
  EXPECT_EQ(read_answer(payload{"b", "text/plain; charset=utf-8"}).content,
            "b");
}

TEST(model_answer, may_be_nothing) {
  EXPECT_TRUE(piece_of("null").empty());
  EXPECT_TRUE(read_answer({}).empty());
  EXPECT_TRUE(piece_of("\"\"").empty());
}

TEST(model_answer, may_be_an_object_with_any_of_the_keys) {
  auto x = piece_of(R"({"role":"assistant","content":"c","refusal":"r",
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
  EXPECT_EQ(piece_of(R"({"text":"t"})").content, "t");
  EXPECT_TRUE(piece_of(R"({"role":"assistant"})").empty());
  EXPECT_TRUE(piece_of(R"({"content":null,"tool_calls":null})").empty());
  EXPECT_FALSE(piece_of(R"({"refusal":"no"})").empty());
}

TEST(model_answer, writes_arguments_that_are_an_object) {
  auto x = piece_of(R"({"tool_calls":[{"function":{"name":"f",
                    "arguments":{"a":1}}}]})");
  EXPECT_EQ(x.tool_calls.at(0).arguments, R"({"a":1})");
}

TEST(model_answer, is_refused_when_it_is_anything_else) {
  EXPECT_EQ(piece_refusal("1"), "expected string, null or object, got number");
  EXPECT_EQ(piece_refusal("[]"), "expected string, null or object, got array");
  EXPECT_EQ(piece_refusal("{}"), "expected one of the known keys");
  EXPECT_EQ(piece_refusal(R"({"contents":"a"})"), "unknown key \"contents\"");
  EXPECT_EQ(piece_refusal(R"({"content":1})"),
            "/content: expected string, got number");
  EXPECT_EQ(piece_refusal(R"({"content":"a","text":"b"})"),
            "expected \"content\" or \"text\", got both");
  EXPECT_EQ(piece_refusal(R"({"finish_reason":"tired"})"),
            "/finish_reason: expected 'stop', 'length', 'tool_calls', "
            "'content_filter' or 'function_call', got 'tired'");
  EXPECT_NE(piece_refusal(R"({"completion_tokens":-1})"), "taken");
  EXPECT_NE(piece_refusal(R"({"prompt_tokens":1.5})"), "taken");
  EXPECT_NE(piece_refusal(R"({"prompt_tokens":18446744073709551615})"),
            "taken");
  EXPECT_EQ(piece_refusal(R"({"tool_calls":[{}]})"),
            "/tool_calls/0: expected a function with a name");
  EXPECT_NE(piece_refusal(R"({"tool_calls":[{"index":1024}]})"), "taken");
  EXPECT_NE(piece_refusal(R"({"tool_calls":{}})"), "taken");
  EXPECT_EQ(piece_refusal(R"({"logprobs":[]})"),
            "/logprobs: expected object, got array");
  EXPECT_EQ(piece_refusal(R"({"logprobs":{"content":1}})"),
            "/logprobs/content: expected array, got number");
  EXPECT_EQ(piece_refusal(payload{"x", "image/png"}),
            "it is of type image/png");
}

TEST(model_answer, usage_has_the_sum) {
  EXPECT_EQ((token_usage{3, 4}.to_json()),
            json::parse(R"({"prompt_tokens":3,"completion_tokens":4,
                            "total_tokens":7})"));
}
