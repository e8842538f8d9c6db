#include "troupe/models/llama/llama_request.hpp"
#include "troupe/specs/input/validation.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using nlohmann::json;

llama_request read(const char* text) {
  return read_llama_request(json::parse(text), {});
}

/// Where a body is wrong, as `/messages/0/role`; "fine" when it is not.
std::string refused(const char* text) {
  try {
    (void)read(text);
    return "fine";
  } catch (const validation_error& e) {
    std::string result;
    for (const auto& step : e.location())
      result +=
        "/" + (step.is_string() ? step.get<std::string>() : step.dump());
    return result;
  }
}

} // namespace

TEST(llama_request, takes_what_it_leaves_open_from_the_defaults) {
  llama_request defaults;
  defaults.max_tokens = 7;
  defaults.sampling.temperature = 0;
  auto x = read_llama_request(json{{"prompt", "a"}}, defaults);
  EXPECT_EQ(x.prompt, "a");
  EXPECT_EQ(x.max_tokens, 7);
  EXPECT_EQ(x.sampling.temperature, 0);
  EXPECT_FALSE(x.sampling.seed);
  EXPECT_TRUE(x.stream);
  EXPECT_TRUE(x.stop.empty());
}

TEST(llama_request, reads_every_key) {
  auto x = read(R"({"prompt":"", "max_tokens":3, "temperature":0.5,
                    "top_p":0.25, "top_k":2, "seed":9, "stop":["a","b"],
                    "min_p":0.125, "stream":false, "ignore_eos":true})");
  EXPECT_EQ(x.prompt, "");
  EXPECT_EQ(x.max_tokens, 3);
  EXPECT_EQ(x.sampling.temperature, 0.5);
  EXPECT_EQ(x.sampling.top_p, 0.25);
  EXPECT_EQ(x.sampling.top_k, 2);
  EXPECT_EQ(x.sampling.min_p, 0.125);
  EXPECT_EQ(x.sampling.seed, 9U);
  EXPECT_TRUE(x.sampling.ignore_eos);
  EXPECT_EQ(x.stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(x.stream);
}

TEST(llama_request, takes_null_for_a_missing_key) {
  auto x = read(R"({"prompt":"a", "messages":null, "max_tokens":null,
                    "temperature":null, "stop":null, "seed":null,
                    "stream":null})");
  EXPECT_EQ(x.max_tokens, llama_request{}.max_tokens);
  EXPECT_TRUE(x.stream);
}

TEST(llama_request, takes_one_stop_string_as_it_is) {
  EXPECT_EQ(read(R"({"prompt":"a","stop":"x"})").stop,
            (std::vector<std::string>{"x"}));
}

TEST(llama_request, takes_the_prompt_when_there_are_messages_as_well) {
  auto x = read(R"({"prompt":"a","messages":[{"role":"user"}]})");
  EXPECT_EQ(x.prompt, "a");
  EXPECT_TRUE(x.messages.empty());
}

TEST(llama_request, reads_messages_of_text_and_of_parts) {
  auto x = read(R"({"messages":[{"role":"system","content":"a"},
    {"role":"user","content":[{"type":"text","text":"b"},
                              {"type":"text","text":"c"}]},
    {"role":"assistant","content":null}]})");
  ASSERT_EQ(x.messages.size(), 3U);
  EXPECT_EQ(x.messages[0].role, "system");
  EXPECT_EQ(x.messages[1].content, "bc");
  EXPECT_EQ(x.messages[2].content, "");
}

TEST(llama_request, takes_a_developer_for_the_system) {
  auto x = read(R"({"messages":[{"role":"developer","content":"a"}]})");
  EXPECT_EQ(x.messages[0].role, "system");
}

TEST(llama_request, refuses_what_templates_would_drop) {
  for (const auto* role : {"tool", "function", "robot", ""})
    EXPECT_EQ(refused(json{{"messages", {{{"role", role}}}}}.dump().c_str()),
              "/messages/0/role");
  EXPECT_EQ(refused(R"({"messages":[{"role":"assistant","tool_calls":[{}]}]})"),
            "/messages/0/tool_calls");
  EXPECT_EQ(refused(R"({"messages":[{"role":"assistant","tool_calls":[]},
                       {"role":"assistant","tool_calls":null}]})"),
            "fine");
}

TEST(llama_request, refuses_what_it_would_have_to_ignore) {
  auto with = [](const char* key, const char* value) {
    json body{{"prompt", "a"}};
    body[key] = json::parse(value);
    return refused(body.dump().c_str());
  };
  for (const auto* x : {R"({"type":"json_object"})",
                        R"({"type":"json_schema"})", "{}", "\"json\""})
    EXPECT_EQ(with("response_format", x), "/response_format") << x;
  for (const auto* x : {"null", R"({"type":"text"})"})
    EXPECT_EQ(with("response_format", x), "fine") << x;
  for (const auto* x : {"\"required\"", R"({"type":"function"})"})
    EXPECT_EQ(with("tool_choice", x), "/tool_choice") << x;
  for (const auto* x : {"null", "\"none\"", "\"auto\""})
    EXPECT_EQ(with("tool_choice", x), "fine") << x;
  for (const auto* x : {"true", "0", "5"})
    EXPECT_EQ(with("logprobs", x), "/logprobs") << x;
  for (const auto* x : {"null", "false"})
    EXPECT_EQ(with("logprobs", x), "fine") << x;
  EXPECT_EQ(with("suffix", "\"b\""), "/suffix");
  EXPECT_EQ(with("suffix", "\"\""), "fine");
  EXPECT_EQ(with("tools", "[{}]"), "/tools");
  EXPECT_EQ(with("tools", "[]"), "fine");
  EXPECT_EQ(refused(R"({"prompt":"a","tools":[{}],"tool_choice":"none"})"),
            "fine");
  EXPECT_EQ(refused(R"({"prompt":"a","tools":[{}],"tool_choice":"auto"})"),
            "/tools");
  EXPECT_EQ(with("n", "2"), "/n");
  EXPECT_EQ(with("n", "1"), "fine");
  EXPECT_EQ(with("echo", "true"), "/echo");
  EXPECT_EQ(with("modalities", R"(["text","audio"])"), "/modalities");
}

TEST(llama_request, refuses_a_field_that_it_does_not_know) {
  for (const auto* key : {"grammar", "json_schema", "repeat_penalty",
                          "mirostat", "max_token", "web_search_options"}) {
    EXPECT_EQ(refused(json{{"prompt", "a"}, {key, "x"}}.dump().c_str()),
              "/" + std::string{key});
    EXPECT_EQ(refused(json{{"prompt", "a"}, {key, nullptr}}.dump().c_str()),
              "fine");
  }
  EXPECT_LT(
    refused(
      json{{"prompt", "a"}, {std::string(100'000, 'x'), 1}}.dump().c_str())
      .size(),
    200U);
}

TEST(llama_request, ignores_hints_that_change_no_answer) {
  for (const auto* key : {"model", "user", "metadata", "store", "service_tier",
                          "safety_identifier", "prompt_cache_key", "prediction",
                          "parallel_tool_calls", "reasoning_effort",
                          "verbosity", "stream_options"})
    EXPECT_EQ(refused(json{{"prompt", "a"}, {key, "x"}}.dump().c_str()), "fine")
      << key;
}

TEST(llama_request, takes_the_newer_name_of_the_limit) {
  EXPECT_EQ(read(R"({"prompt":"a","max_completion_tokens":3})").max_tokens, 3);
  EXPECT_EQ(read(R"({"prompt":"a","max_completion_tokens":3,"max_tokens":2})")
              .max_tokens,
            2);
}

TEST(llama_request, reads_penalties_and_biases) {
  auto x = read(R"({"prompt":"a", "frequency_penalty":-2,
                    "presence_penalty":1.5, "logit_bias":{"7":-100,"0":1}})");
  EXPECT_EQ(x.sampling.frequency_penalty, -2);
  EXPECT_EQ(x.sampling.presence_penalty, 1.5);
  EXPECT_EQ(x.sampling.logit_bias,
            (std::map<std::int32_t, double>{{0, 1}, {7, -100}}));
  for (const auto* bad : {"-1", "a", "1a", "", " 1", "4294967297"}) {
    json body{{"prompt", "a"}, {"logit_bias", {{bad, 1}}}};
    EXPECT_EQ(refused(body.dump().c_str()), "/logit_bias/" + std::string{bad});
  }
}

TEST(llama_request, says_where_it_is_wrong) {
  EXPECT_EQ(refused("[]"), "");
  EXPECT_EQ(refused("{}"), "/prompt");
  EXPECT_EQ(refused(R"({"prompt":1})"), "/prompt");
  EXPECT_EQ(refused(R"({"messages":[]})"), "/messages");
  EXPECT_EQ(refused(R"({"messages":[{"content":"a"}]})"), "/messages/0/role");
  EXPECT_EQ(refused(R"({"messages":["a"]})"), "/messages/0");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":1}]})"),
            "/messages/0/content");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":
                        [{"type":"image_url"}]}]})"),
            "/messages/0/content/0/type");
}

TEST(llama_request, refuses_values_out_of_range_and_never_wraps) {
  for (const auto* x : {"logit_bias\":[1]",
                        "max_tokens\":-1",
                        "max_tokens\":1.5",
                        "max_tokens\":18446744073709551615",
                        "temperature\":-0.1",
                        "temperature\":101",
                        "temperature\":\"1\"",
                        "top_p\":-0.1",
                        "top_p\":1.1",
                        "top_k\":-1",
                        "min_p\":1.1",
                        "top_k\":4294967297",
                        "seed\":\"1\"",
                        "seed\":1.5",
                        "stop\":1",
                        "stop\":\"\"",
                        "stop\":[\"a\",\"\"]",
                        "stop\":[1]",
                        "stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]",
                        "stream\":1",
                        "ignore_eos\":\"no\"",
                        "logit_bias\":{\"1\":101}",
                        "frequency_penalty\":2.1",
                        "presence_penalty\":-2.1"}) {
    auto text = std::string{R"({"prompt":"a",")"} + x + "}";
    std::string key{x};
    key.resize(key.find('"'));
    EXPECT_EQ(refused(text.c_str()).substr(0, key.size() + 1), "/" + key) << x;
  }
  EXPECT_EQ(read(R"({"prompt":"a","max_tokens":4294967297})").max_tokens,
            std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(read(R"({"prompt":"a","temperature":0})").sampling.temperature, 0);
}

TEST(llama_request, takes_every_integer_as_a_seed) {
  auto seed = [](const char* x) {
    auto body = json::parse(R"({"prompt":"a"})");
    body["seed"] = json::parse(x);
    return *read_llama_request(body, {}).sampling.seed;
  };
  EXPECT_EQ(seed("0"), 0U);
  EXPECT_EQ(seed("-1"), 0U);
  EXPECT_NE(seed("4294967296"), seed("0"));
  EXPECT_NE(seed("-2"), seed("2"));
}

} // namespace troupe
