#include "troupe/specs/openai/chat/completions.hpp"
#include "troupe/tests/specs/openai/fixture.hpp"

using namespace troupe;
using namespace troupe::openai;

namespace {

seen complete(stage& s, const json& body) {
  return s.post("/v1/completions", body);
}

} // namespace

TEST(completions, answer_as_openai_does) {
  stage s;
  s.model = yields({"a", "b"});
  auto x = complete(s, {{"model", "m"}, {"prompt", "p"}});
  EXPECT_EQ(x.body, json::parse(R"({
    "id": "cmpl-ID", "object": "text_completion", "created": 1700000000,
    "model": "m",
    "choices": [{"index": 0, "text": "ab", "finish_reason": "stop",
                 "logprobs": null}],
    "usage": {"prompt_tokens": 0, "completion_tokens": 2, "total_tokens": 2}})"));
}

TEST(completions, the_model_gets_one_prompt_also_as_a_message) {
  stage s;
  complete(s, {{"prompt", {"p", "q"}}, {"suffix", "z"}, {"echo", true}});
  ASSERT_EQ(s.documents.size(), 2U);
  EXPECT_EQ(s.documents[1], json::parse(R"({
    "model": "m", "prompt": "q", "suffix": "z", "max_tokens": 16,
    "stream": false, "messages": [{"role": "user", "content": "q"}]})"));
  s.documents.clear();
  complete(s, {{"prompt", {1, 2}}, {"max_tokens", 0}});
  ASSERT_EQ(s.documents.size(), 1U);
  EXPECT_EQ(s.documents[0], json::parse(R"({
    "model": "m", "prompt": [1, 2], "max_tokens": 0, "stream": false})"));
}

TEST(completions, choices_of_prompts_stand_one_after_the_other) {
  stage s;
  int calls = 0;
  s.model = [&](const json& document) {
    auto text = document["prompt"].get<std::string>() + std::to_string(calls++);
    return stage::part{{},
                       payload{json{{"content", text}, {"prompt_tokens", 5}}}};
  };
  auto x = complete(s, {{"prompt", {"p", "q"}}, {"n", 2}});
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < x.body["choices"].size(); ++i) {
    EXPECT_EQ(x.body["choices"][i]["index"], i);
    texts.push_back(x.body["choices"][i]["text"]);
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"p0", "p1", "q2", "q3"}));
  EXPECT_EQ(x.body["usage"]["prompt_tokens"], 10);
  EXPECT_EQ(x.body["usage"]["completion_tokens"], 4);
}

TEST(completions, echo_puts_the_prompt_before_the_text) {
  stage s;
  s.model = yields({"a", "b"});
  EXPECT_EQ(
    complete(s, {{"prompt", "p"}, {"echo", true}}).body["choices"][0]["text"],
    "pab");
  auto x = complete(s, {{"prompt", "p"}, {"echo", true}, {"stream", true}});
  ASSERT_EQ(x.events.size(), 4U);
  EXPECT_EQ(x.chunk(0)["choices"][0]["text"], "pa");
  EXPECT_EQ(x.chunk(1)["choices"][0]["text"], "b");
  EXPECT_EQ(x.chunk(2)["choices"][0]["text"], "");
  EXPECT_EQ(x.chunk(2)["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(x.chunk(0)["object"], "text_completion");
  EXPECT_EQ(x.events[3], "[DONE]");
  x = complete(s, {{"prompt", {1, 2}}, {"echo", true}});
  EXPECT_EQ(x.body["error"]["param"], "echo");
}

TEST(completions, refuse_what_is_out_of_range) {
  auto options = fixed_options();
  options.max_inputs = 4;
  stage s{options};
  for (const auto& [more, param] : std::vector<std::pair<json, const char*>>{
         {{{"prompt", nullptr}}, "prompt"},
         {{{"prompt", json::array()}}, "prompt"},
         {{{"prompt", {"a", "b", "c", "d", "e"}}}, "prompt"},
         {{{"prompt", {"a", "b", "c"}}, {"n", 2}}, "prompt"},
         {{{"n", 9}}, "n"},
         {{{"n", 4294967297}}, "n"},
         {{{"max_tokens", -1}}, "max_tokens"},
         {{{"logprobs", 6}}, "logprobs"},
         {{{"best_of", 2}}, "best_of"},
         {{{"echo", "yes"}}, "echo"},
         {{{"suffix", 1}}, "suffix"}}) {
    json body{{"prompt", "p"}};
    body.update(more);
    auto x = complete(s, body);
    EXPECT_EQ(x.status, 400) << body;
    EXPECT_EQ(x.body["error"]["param"], param) << body;
  }
  EXPECT_EQ(complete(s, {{"prompt", {"a", "b"}}, {"n", 2}}).status, 200);
  EXPECT_EQ(complete(s, {{"prompt", "p"}, {"best_of", 1}}).status, 200);
  EXPECT_EQ(complete(s, {{"prompt", "p"}, {"model", "x"}}).status, 404);
}

TEST(completions, copies_of_what_they_have_in_common_are_bounded) {
  stage s;
  json prompts = json::array();
  for (int i = 0; i < 1000; ++i)
    prompts.push_back("p");
  auto x =
    complete(s, {{"prompt", prompts}, {"suffix", std::string(40'000, 'x')}});
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(x.body["error"]["param"], "prompt");
  EXPECT_TRUE(s.documents.empty());
  EXPECT_EQ(complete(s, {{"prompt", prompts}, {"suffix", "x"}}).status, 200);
  // One prompt is never copied.
  EXPECT_EQ(
    complete(s, {{"prompt", "p"}, {"suffix", std::string(40'000'000, 'x')}})
      .status,
    200);
}

TEST(completions, end_with_a_reason_that_they_have) {
  stage s;
  for (const auto& [reason, expected] :
       std::vector<std::pair<json, const char*>>{
         {"tool_calls", "stop"},
         {"function_call", "stop"},
         {"length", "length"},
         {"content_filter", "content_filter"},
         {nullptr, "stop"}}) {
    s.model = answers({{"content", "a"},
                       {"finish_reason", reason},
                       {"tool_calls", {{{"function", {{"name", "f"}}}}}}});
    EXPECT_EQ(
      complete(s, {{"prompt", "p"}}).body["choices"][0]["finish_reason"],
      expected);
  }
}

TEST(completions, have_log_probabilities_in_a_form_of_their_own) {
  stage s;
  s.model =
    yields({{{"content", "a"},
             {"logprobs", {{"tokens", {"a"}}, {"token_logprobs", {-1}}}}},
            {{"content", "b"},
             {"logprobs", {{"tokens", {"b"}}, {"token_logprobs", {-2}}}}}});
  EXPECT_EQ(
    complete(s, {{"prompt", "p"}, {"logprobs", 0}})
      .body["choices"][0]["logprobs"],
    json::parse(R"({"tokens": ["a", "b"], "token_logprobs": [-1, -2]})"));
  EXPECT_TRUE(
    complete(s, {{"prompt", "p"}}).body["choices"][0]["logprobs"].is_null());
}
