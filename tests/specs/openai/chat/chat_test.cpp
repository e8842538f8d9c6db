#include "troupe/specs/openai/chat/chat.hpp"
#include "troupe/tests/specs/openai/fixture.hpp"

#include <set>

using namespace troupe;
using namespace troupe::openai;

namespace {

/// The tokens that a chunk's only choice brings.
json delta_of(const json& chunk) {
  return chunk.at("choices").at(0).at("delta");
}

json message_of(const seen& x) {
  return x.body.at("choices").at(0).at("message");
}

json usage(int prompt, int completion) {
  return {{"prompt_tokens", prompt},
          {"completion_tokens", completion},
          {"total_tokens", prompt + completion}};
}

const json streamed{{"stream", true},
                    {"stream_options", {{"include_usage", true}}}};

} // namespace

TEST(chat, answers_as_openai_does) {
  stage s;
  s.model = answers("hi");
  auto x = s.chat(hello());
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.body, json::parse(R"({
    "id": "chatcmpl-ID", "object": "chat.completion", "created": 1700000000,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
      "message": {"role": "assistant", "content": "hi", "refusal": null}}],
    "usage": {"prompt_tokens": 0, "completion_tokens": 1, "total_tokens": 1}})"));
  EXPECT_EQ(s.called, std::vector<std::string>{"m"});
}

TEST(chat, joins_what_a_model_yields) {
  stage s;
  s.model = yields({"a", nullptr, {{"content", "b"}}, {{"text", "c"}}, ""});
  auto x = s.chat(hello());
  EXPECT_EQ(message_of(x)["content"], "abc");
  EXPECT_EQ(x.body["usage"], usage(0, 3));
}

TEST(chat, streams_chunks_with_one_id) {
  stage s;
  s.model = yields({"a", nullptr, "b"});
  auto x = s.chat(hello({{"stream", true}}));
  ASSERT_EQ(x.events.size(), 4U);
  EXPECT_EQ(x.chunk(0), json::parse(R"({
    "id": "chatcmpl-ID", "object": "chat.completion.chunk",
    "created": 1700000000, "model": "m",
    "choices": [{"index": 0, "finish_reason": null, "logprobs": null,
                 "delta": {"role": "assistant", "content": "a"}}]})"));
  EXPECT_EQ(delta_of(x.chunk(1)), json({{"content", "b"}}));
  EXPECT_EQ(delta_of(x.chunk(2)), json::object());
  EXPECT_EQ(x.chunk(2)["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(x.events[3], "[DONE]");
  for (int i = 0; i < 3; ++i)
    for (const auto* key : {"id", "created", "model", "object"})
      EXPECT_EQ(x.chunk(i)[key], x.chunk(0)[key]);
}

TEST(chat, streams_usage_when_asked_to) {
  stage s;
  s.model = yields({"a", "b"});
  auto x = s.chat(hello(streamed));
  ASSERT_EQ(x.events.size(), 5U);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(x.chunk(i).contains("usage"));
    EXPECT_TRUE(x.chunk(i)["usage"].is_null());
  }
  EXPECT_EQ(x.chunk(3)["choices"], json::array());
  EXPECT_EQ(x.chunk(3)["usage"], usage(0, 2));
  EXPECT_EQ(x.chunk(3)["id"], "chatcmpl-ID");
  EXPECT_EQ(x.events[4], "[DONE]");
}

TEST(chat, streams_what_a_model_answers_at_once) {
  stage s;
  s.model = answers("hi");
  auto x = s.chat(hello({{"stream", true}}));
  ASSERT_EQ(x.events.size(), 3U);
  EXPECT_EQ(delta_of(x.chunk(0)),
            json({{"role", "assistant"}, {"content", "hi"}}));
  EXPECT_EQ(x.chunk(1)["choices"][0]["finish_reason"], "stop");
}

TEST(chat, says_something_although_the_model_says_nothing) {
  stage s;
  auto x = s.chat(hello());
  EXPECT_EQ(message_of(x)["content"], "");
  EXPECT_EQ(x.body["usage"], usage(0, 0));
  x = s.chat(hello({{"stream", true}}));
  ASSERT_EQ(x.events.size(), 3U);
  EXPECT_EQ(delta_of(x.chunk(0)),
            json({{"role", "assistant"}, {"content", ""}}));
}

TEST(chat, usage_is_the_same_in_every_way) {
  // Counts are of the whole answer: the last one counts, they are not added.
  stage s;
  s.model =
    yields({{{"content", "a"}, {"prompt_tokens", 7}, {"completion_tokens", 1}},
            {{"content", "b"}, {"completion_tokens", 2}, {"total_tokens", 9}},
            {{"completion_tokens", 5}}});
  EXPECT_EQ(s.chat(hello()).body["usage"], usage(7, 5));
  auto x = s.chat(hello(streamed));
  EXPECT_EQ(x.chunk(x.events.size() - 2)["usage"], usage(7, 5));
}

TEST(chat, counts_the_prompt_once_and_all_completions) {
  stage s;
  s.model = yields({{{"content", "a"}, {"prompt_tokens", 7}}, "b"});
  EXPECT_EQ(s.chat(hello({{"n", 3}})).body["usage"], usage(7, 6));
  auto more = streamed;
  more["n"] = 3;
  auto x = s.chat(hello(more));
  EXPECT_EQ(x.chunk(x.events.size() - 2)["usage"], usage(7, 6));
}

TEST(chat, choices_of_one_seed_have_seeds_of_their_own) {
  stage s;
  s.chat(hello({{"n", 3}, {"seed", 7}}));
  ASSERT_EQ(s.documents.size(), 3U);
  EXPECT_EQ(s.documents[0]["seed"], 7);
  EXPECT_EQ(s.documents[1]["seed"], 8);
  EXPECT_EQ(s.documents[2]["seed"], 9);
  s.documents.clear();
  s.chat(hello({{"n", 2}}));
  EXPECT_FALSE(s.documents.at(1).contains("seed"));
  s.documents.clear();
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  s.chat(hello({{"n", 2}, {"seed", last}}));
  EXPECT_EQ(s.documents.at(1)["seed"],
            std::numeric_limits<std::int64_t>::min());
}

TEST(chat, every_choice_is_a_call_and_ends_by_itself) {
  stage s;
  int calls = 0;
  s.model = [&](const json&) {
    stage::part x;
    for (int i = 0; i <= calls; ++i)
      x.items.emplace_back(json(std::to_string(calls)));
    if (calls++ == 1)
      x.whole = payload{json{{"finish_reason", "length"}}};
    return x;
  };
  auto x = s.chat(hello({{"n", 3}}));
  ASSERT_EQ(x.body["choices"].size(), 3U);
  EXPECT_EQ(x.body["choices"][0]["message"]["content"], "0");
  EXPECT_EQ(x.body["choices"][1]["message"]["content"], "11");
  EXPECT_EQ(x.body["choices"][1]["finish_reason"], "length");
  EXPECT_EQ(x.body["choices"][2]["message"]["content"], "222");
  EXPECT_EQ(x.body["choices"][2]["index"], 2);
  calls = 0;
  x = s.chat(hello({{"n", 3}, {"stream", true}}));
  std::vector<std::string> contents(3);
  std::vector<json> reasons(3);
  std::vector<int> roles(3);
  for (std::size_t i = 0; i + 1 < x.events.size(); ++i) {
    auto choice = x.chunk(i)["choices"][0];
    auto n = choice["index"].get<std::size_t>();
    EXPECT_TRUE(reasons.at(n).is_null()) << "a chunk after the end of " << n;
    reasons[n] = choice["finish_reason"];
    contents[n] += choice["delta"].value("content", "");
    roles[n] += choice["delta"].contains("role") ? 1 : 0;
  }
  EXPECT_EQ(contents, (std::vector<std::string>{"0", "11", "222"}));
  EXPECT_EQ(reasons, (std::vector<json>{"stop", "length", "stop"}));
  EXPECT_EQ(roles, (std::vector<int>{1, 1, 1}));
}

TEST(chat, calls_of_tools_are_joined) {
  const std::vector<json> items{
    json::parse(
      R"({"tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]})"),
    json::parse(R"({"tool_calls":[{"index":1,"id":"mine",
                                   "function":{"name":"g","arguments":"{\"b\""}}]})"),
    json::parse(
      R"({"tool_calls":[{"index":1,"function":{"arguments":":2}"}}]})")};
  stage s;
  s.model = yields(items);
  auto x = s.chat(hello());
  EXPECT_EQ(x.body["choices"][0]["finish_reason"], "tool_calls");
  EXPECT_TRUE(message_of(x)["content"].is_null());
  EXPECT_EQ(message_of(x)["tool_calls"], json::parse(R"([
    {"id": "call_ID_0_0", "type": "function",
     "function": {"name": "f", "arguments": "{\"a\":1}"}},
    {"id": "mine", "type": "function",
     "function": {"name": "g", "arguments": "{\"b\":2}"}}])"));
  x = s.chat(hello({{"stream", true}}));
  ASSERT_EQ(x.events.size(), 5U);
  EXPECT_EQ(delta_of(x.chunk(0)), json::parse(R"({"role": "assistant",
    "tool_calls": [{"index": 0, "id": "call_ID_0_0", "type": "function",
                    "function": {"name": "f", "arguments": "{\"a\":1}"}}]})"));
  EXPECT_EQ(delta_of(x.chunk(2)), json::parse(R"({"tool_calls": [
    {"index": 1, "function": {"arguments": ":2}"}}]})"));
  EXPECT_EQ(x.chunk(3)["choices"][0]["finish_reason"], "tool_calls");
}

TEST(chat, a_call_without_arguments_has_an_empty_object) {
  stage s;
  s.model = yields(
    {json::parse(R"({"tool_calls":[{"id":"a","function":{"name":"now"}}]})")});
  EXPECT_EQ(message_of(s.chat(hello()))["tool_calls"][0]["function"],
            json({{"name", "now"}, {"arguments", "{}"}}));
  auto x = s.chat(hello({{"stream", true}}));
  ASSERT_EQ(x.events.size(), 4U);
  EXPECT_EQ(delta_of(x.chunk(1))["tool_calls"],
            json::parse(R"([{"index": 0, "function": {"arguments": "{}"}}])"));
  EXPECT_EQ(x.chunk(2)["choices"][0]["finish_reason"], "tool_calls");
  // A model that does not stream.
  s.model = answers(
    json::parse(R"({"tool_calls":[{"id":"a","function":{"name":"now"}}]})"));
  x = s.chat(hello({{"stream", true}}));
  ASSERT_EQ(x.events.size(), 3U);
  EXPECT_EQ(delta_of(x.chunk(0))["tool_calls"][0]["function"]["arguments"],
            "{}");
}

TEST(chat, a_call_has_its_id_and_its_name_once) {
  auto piece = json::parse(R"({"tool_calls":[{"index":0,"id":"call_1",
    "function":{"name":"f","arguments":"1"}}]})");
  stage s;
  s.model = yields({piece, piece});
  auto x = s.chat(hello({{"stream", true}}));
  EXPECT_EQ(delta_of(x.chunk(0))["tool_calls"][0]["id"], "call_1");
  EXPECT_EQ(delta_of(x.chunk(1))["tool_calls"],
            json::parse(R"([{"index": 0, "function": {"arguments": "1"}}])"));
  EXPECT_EQ(message_of(s.chat(hello()))["tool_calls"][0]["function"],
            json({{"name", "f"}, {"arguments", "11"}}));
}

TEST(chat, the_ids_of_calls_have_at_most_40_characters) {
  auto options = fixed_options();
  options.new_id = random_id;
  options.max_n = 128;
  stage s{options};
  s.model = yields({json::parse(
    R"({"tool_calls":[{"index":1023,"function":{"name":"f"}}]})")});
  auto x = s.chat(hello({{"n", 128}}));
  std::set<std::string> ids;
  for (const auto& choice : x.body["choices"])
    ids.insert(choice["message"]["tool_calls"][0]["id"].get<std::string>());
  EXPECT_EQ(ids.size(), 128U);
  for (const auto& id : ids)
    EXPECT_LE(id.size(), 40U) << id;
}

TEST(chat, keeps_role_refusal_and_reason) {
  stage s;
  s.model =
    yields({{{"role", "helper"}, {"refusal", "I "}},
            {{"refusal", "won't"}, {"finish_reason", "content_filter"}}});
  auto x = s.chat(hello());
  EXPECT_EQ(message_of(x), json::parse(R"({"role": "helper", "content": null,
                                          "refusal": "I won't"})"));
  EXPECT_EQ(x.body["choices"][0]["finish_reason"], "content_filter");
  x = s.chat(hello({{"stream", true}}));
  EXPECT_EQ(delta_of(x.chunk(0)),
            json({{"role", "helper"}, {"refusal", "I "}}));
}

TEST(chat, the_model_gets_the_normalised_request) {
  stage s;
  s.chat(hello({{"n", 2},
                {"max_completion_tokens", 9},
                {"seed", 3},
                {"vendor_option", true}}));
  ASSERT_EQ(s.documents.size(), 2U);
  EXPECT_EQ(s.documents[1]["seed"], 4) << "each choice has its own";
  s.documents[1]["seed"] = 3;
  EXPECT_EQ(s.documents[0], s.documents[1]);
  EXPECT_EQ(s.documents[0], hello({{"max_tokens", 9},
                                   {"seed", 3},
                                   {"stream", false},
                                   {"vendor_option", true}}));
}

TEST(chat, an_alias_is_answered_under_its_name) {
  auto options = fixed_options();
  options.aliases = {"gpt-4o"};
  stage s{options};
  auto x = s.chat(hello({{"model", "gpt-4o"}}));
  EXPECT_EQ(x.body["model"], "gpt-4o");
  EXPECT_EQ(s.called, std::vector<std::string>{"m"});
  EXPECT_EQ(s.documents.at(0)["model"], "gpt-4o");
  auto unnamed = hello();
  unnamed.erase("model");
  EXPECT_EQ(s.chat(unnamed).body["model"], "m");
  x = s.chat(hello({{"model", "e"}}));
  EXPECT_EQ(x.status, 404) << "that one embeds";
  EXPECT_EQ(x.body["error"]["code"], "model_not_found");
}

TEST(chat, a_code_point_is_whole_before_it_is_sent) {
  // U+00E9 in two tokens, as a model of bytes yields them.
  stage s;
  s.model = yields({"caf\xC3", "\xA9!"});
  EXPECT_EQ(message_of(s.chat(hello()))["content"], "caf\xC3\xA9!");
  auto x = s.chat(hello(streamed));
  EXPECT_EQ(delta_of(x.chunk(0))["content"], "caf");
  EXPECT_EQ(delta_of(x.chunk(1))["content"], "\xC3\xA9!");
  EXPECT_EQ(x.chunk(x.events.size() - 2)["usage"], usage(0, 2));
  // A refusal's, and those of arguments.
  s.model = yields(
    {{{"refusal", "caf\xC3"}},
     {{"refusal", "\xA9"}},
     {{"tool_calls",
       {{{"index", 0}, {"function", {{"name", "f"}, {"arguments", "\xC3"}}}}}}},
     {{"tool_calls",
       {{{"index", 0}, {"function", {{"arguments", "\xA9"}}}}}}}});
  x = s.chat(hello(streamed));
  EXPECT_EQ(delta_of(x.chunk(1))["refusal"], "\xC3\xA9");
  EXPECT_EQ(delta_of(x.chunk(3))["tool_calls"][0]["function"]["arguments"],
            "\xC3\xA9");
  EXPECT_EQ(message_of(s.chat(hello()))["refusal"], "caf\xC3\xA9");
  // One that never becomes whole.
  s.model = yields({"a\xC3"});
  EXPECT_EQ(message_of(s.chat(hello()))["content"], "a\xEF\xBF\xBD");
  x = s.chat(hello({{"stream", true}}));
  ASSERT_EQ(x.events.size(), 4U);
  EXPECT_EQ(delta_of(x.chunk(0))["content"], "a");
  EXPECT_EQ(delta_of(x.chunk(1))["content"], "\xEF\xBF\xBD");
  EXPECT_EQ(x.chunk(2)["choices"][0]["finish_reason"], "stop");
}

TEST(chat, what_is_collected_of_a_stream_is_bounded) {
  auto options = fixed_options();
  options.max_stream_bytes = 10;
  stage s{options};
  s.model = yields({"12345", "67890"});
  EXPECT_EQ(s.chat(hello()).status, 200);
  s.model = yields({"12345", "67890", "1"});
  auto x = s.chat(hello());
  EXPECT_EQ(x.status, 500);
  EXPECT_EQ(x.body["error"]["message"],
            "The answer is larger than 10 bytes; ask for a shorter one, or for "
            "a stream");
  EXPECT_EQ(s.chat(hello({{"stream", true}})).status, 200);
  s.model =
    yields({{{"refusal", "123456"}},
            {{"tool_calls",
              {{{"function", {{"name", "f"}, {"arguments", "12345"}}}}}}}});
  EXPECT_EQ(s.chat(hello()).status, 500);
  s.model = answers("12345678901");
  EXPECT_EQ(s.chat(hello()).status, 200) << "that one was whole before";
}

TEST(chat, calls_of_an_answer_are_bounded) {
  stage s;
  s.model = yields(std::vector<json>(
    1025, json{{"tool_calls", {{{"function", {{"name", "f"}}}}}}}));
  EXPECT_EQ(s.chat(hello()).status, 500);
  EXPECT_EQ(s.chat(hello({{"stream", true}})).status, 500);
}

TEST(chat, the_log_probabilities_of_a_model_are_handed_on_when_asked_for) {
  auto token = [](const char* text) {
    return json{{"content", {{{"token", text}, {"logprob", -0.5}}}}};
  };
  stage s;
  s.model = yields({{{"content", "a"}, {"logprobs", token("a")}},
                    {{"content", "b"}, {"logprobs", token("b")}}});
  auto asked = hello({{"logprobs", true}, {"top_logprobs", 1}});
  auto x = s.chat(asked);
  EXPECT_EQ(x.body["choices"][0]["logprobs"], json::parse(R"({"content": [
    {"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -0.5}]})"));
  asked["stream"] = true;
  x = s.chat(asked);
  EXPECT_EQ(x.chunk(0)["choices"][0]["logprobs"], token("a"));
  EXPECT_EQ(x.chunk(1)["choices"][0]["logprobs"], token("b"));
  EXPECT_TRUE(x.chunk(2)["choices"][0]["logprobs"].is_null());
  for (bool stream : {false, true}) {
    x = s.chat(hello({{"stream", stream}}));
    auto choice = stream ? x.chunk(0) : x.body;
    EXPECT_TRUE(choice["choices"][0]["logprobs"].is_null()) << "nobody asked";
  }
}

TEST(chat, any_tool_is_a_required_one) {
  stage s;
  json tools{{{"type", "function"}, {"function", {{"name", "f"}}}}};
  s.chat(hello({{"tools", tools}, {"tool_choice", "any"}}));
  EXPECT_EQ(s.documents.at(0)["tool_choice"], "required");
}
