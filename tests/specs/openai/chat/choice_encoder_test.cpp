#include "troupe/specs/json/event_stream.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/openai/chat/chat.hpp"
#include "troupe/specs/openai/chat/choice_encoder.hpp"
#include "troupe/specs/openai/chat/completions.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::openai {

namespace {

using namespace std::string_literals;

std::shared_ptr<answer_frame> streaming_frame() {
  auto result = std::make_shared<answer_frame>();
  result->id = "chatcmpl-0";
  result->created = 1'700'000'000;
  result->model = "a \"0\" or \"1\"";
  result->chunk_object = "chat.completion.chunk";
  result->stream = true;
  return result;
}

/// What an encoder makes of an item.
std::string events_of(choice_encoder& tested, json item) {
  payload x{std::move(item)};
  auto result = tested.events(x);
  EXPECT_TRUE(result);
  return std::string{result.value_or("")};
}

/// A chunk after the first one, as a document has it.
std::string chunk(const json& what_is_new, const answer_frame& frame) {
  json choice{{"index", 3}, {"logprobs", nullptr}, {"finish_reason", nullptr}};
  choice.update(what_is_new);
  json document{{"id", frame.id},
                {"object", frame.chunk_object},
                {"created", frame.created},
                {"model", frame.model},
                {"choices", {std::move(choice)}}};
  if (frame.include_usage)
    document["usage"] = nullptr;
  std::string result;
  append_event(result, document);
  return result;
}

/// Texts that a document has to escape, mend or copy.
const std::vector<std::string> odd_texts{
  " token",
  "0",
  "\"quoted\" \\",
  "\0\x01\b\f\n\r\t\x1F\x7F"s,
  "\u2028\u2029 \U0001F600",
  "\xFF\xC0 z",
  std::string(100'000, '\n'),
};

TEST(choice_encoder, writes_chunks_of_text_as_documents_would) {
  for (bool usage : {false, true}) {
    auto frame = streaming_frame();
    frame->include_usage = usage;
    chat_encoder tested{frame, 3};
    events_of(tested, "first");
    for (const auto& text : odd_texts)
      for (const auto& item : {json(text), json{{"content", text}}})
        EXPECT_EQ(events_of(tested, item),
                  chunk({{"delta", {{"content", text}}}}, *frame));
  }
}

TEST(choice_encoder, writes_texts_of_completions_as_documents_would) {
  auto frame = streaming_frame();
  completion_encoder tested{frame, 3, "echo"};
  EXPECT_EQ(events_of(tested, "first"), chunk({{"text", "echofirst"}}, *frame));
  for (const auto& text : odd_texts)
    EXPECT_EQ(events_of(tested, text), chunk({{"text", text}}, *frame));
}

TEST(choice_encoder, joins_code_points_across_chunks_of_text) {
  auto frame = streaming_frame();
  chat_encoder tested{frame, 3};
  auto content = [&](const std::string& text) {
    return chunk({{"delta", {{"content", text}}}}, *frame);
  };
  events_of(tested, "first");
  EXPECT_EQ(events_of(tested, "\xF0\x9F"), "") << "nothing to see";
  EXPECT_EQ(events_of(tested, "\x98\x80\xC3"), content("\U0001F600"));
  EXPECT_EQ(events_of(tested, "z"), content("\uFFFDz"));
  EXPECT_EQ(events_of(tested, ""), "");
  EXPECT_EQ(events_of(tested, nullptr), "");
  EXPECT_EQ(events_of(tested, " token"), content(" token"));
}

TEST(choice_encoder, writes_other_chunks_between_those_of_text) {
  auto frame = streaming_frame();
  frame->logprobs = true;
  chat_encoder tested{frame, 3};
  auto text = chunk({{"delta", {{"content", "a"}}}}, *frame);
  EXPECT_EQ(
    events_of(tested, "a"),
    chunk({{"delta", {{"role", "assistant"}, {"content", "a"}}}}, *frame));
  EXPECT_EQ(events_of(tested, "a"), text);
  EXPECT_EQ(events_of(tested, {{"refusal", "no"}}),
            chunk({{"delta", {{"refusal", "no"}}}}, *frame));
  EXPECT_EQ(events_of(tested, "a"), text);
  const json list{{"content", {{{"token", "a"}, {"logprob", -1}}}}};
  EXPECT_EQ(events_of(tested, {{"content", "a"}, {"logprobs", list}}),
            chunk({{"delta", {{"content", "a"}}}, {"logprobs", list}}, *frame));
  EXPECT_EQ(events_of(tested, "a"), text);
  EXPECT_NE(
    events_of(tested, {{"content", "a"},
                       {"tool_calls", {{{"function", {{"name", "f"}}}}}}}),
    text);
  EXPECT_EQ(events_of(tested, "a"), text);
}

TEST(choice_encoder, keeps_items_back_when_nobody_streams) {
  auto frame = streaming_frame();
  frame->stream = false;
  frame->max_stream_bytes = 100;
  chat_encoder tested{frame, 0};
  EXPECT_EQ(events_of(tested, "a"), "");
  EXPECT_EQ(events_of(tested, "b"), "");
  tested.finish({});
  EXPECT_EQ(tested.choice()["message"]["content"], "ab");
}

TEST(choice_encoder, refuses_a_number_that_json_has_not) {
  auto frame = streaming_frame();
  frame->logprobs = true;
  chat_encoder tested{frame, 0};
  payload x{json{{"content", "a"}, {"logprobs", {{"content", {NAN}}}}}};
  EXPECT_THROW(tested.events(x), std::domain_error);
}

} // namespace

} // namespace troupe::openai
