#include "troupe/specs/input/base64.hpp"
#include "troupe/specs/openai/embeddings/embeddings.hpp"
#include "troupe/tests/specs/openai/fixture.hpp"

using namespace troupe;
using namespace troupe::openai;

namespace {

seen embed(stage& s, const json& body) {
  return s.post("/v1/embeddings", body);
}

/// Answers with the length of the text, and counts it.
stage::part length(const json& document) {
  auto n = document["input"].size();
  if (document["input"].is_string())
    n = document["input"].get<std::string>().size();
  return {{}, payload{json{{"embedding", {n, 1}}, {"prompt_tokens", n}}}};
}

} // namespace

TEST(embeddings, answer_as_openai_does) {
  stage s;
  s.model = answers({0.5, -1});
  auto x = embed(s, {{"input", "text"}, {"model", "e"}});
  EXPECT_EQ(x.body, json::parse(R"({
    "object": "list", "model": "e",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -1.0]}],
    "usage": {"prompt_tokens": 0, "total_tokens": 0}})"));
  EXPECT_EQ(s.called, std::vector<std::string>{"e"});
  EXPECT_EQ(s.documents.at(0),
            json::parse(R"({"input": "text", "model": "e"})"));
}

TEST(embeddings, keep_the_order_and_add_the_tokens) {
  stage s;
  s.model = length;
  auto x = embed(s, {{"input", {"a", "bbb", "cc", "dddd"}}});
  ASSERT_EQ(x.body["data"].size(), 4U);
  std::vector<int> lengths;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(x.body["data"][i]["index"], i);
    lengths.push_back(x.body["data"][i]["embedding"][0].get<int>());
  }
  EXPECT_EQ(lengths, (std::vector<int>{1, 3, 2, 4}));
  EXPECT_EQ(x.body["usage"]["prompt_tokens"], 10);
  EXPECT_EQ(x.body["usage"]["total_tokens"], 10);
  EXPECT_EQ(s.documents.size(), 4U);
}

TEST(embeddings, take_tokens_as_one_input_or_several) {
  stage s;
  s.model = length;
  EXPECT_EQ(embed(s, {{"input", {1, 2, 3}}}).body["data"].size(), 1U);
  EXPECT_EQ(s.documents.at(0)["input"], json({1, 2, 3}));
  EXPECT_EQ(embed(s, {{"input", {{1, 2}, {3}}}}).body["data"].size(), 2U);
}

TEST(embeddings, come_as_base64_when_asked_for) {
  stage s;
  s.model = answers({1.0, -2.5});
  auto x = embed(s, {{"input", "a"}, {"encoding_format", "base64"}});
  EXPECT_EQ(x.body["data"][0]["embedding"], floats_to_base64({1.0, -2.5}));
  x = embed(s, {{"input", "a"}, {"encoding_format", "hex"}});
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(x.body["error"]["param"], "encoding_format");
}

TEST(embeddings, other_dimensions_than_the_models_are_400) {
  stage s;
  s.model = answers({3, 4, 5});
  EXPECT_EQ(embed(s, {{"input", "a"}, {"dimensions", 3}}).status, 200);
  EXPECT_EQ(s.documents.at(0)["dimensions"], 3);
  auto x = embed(s, {{"input", "a"}, {"dimensions", 2}});
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(x.body["error"]["message"],
            "dimensions: expected 3, which is what the model has, got 2");
  for (const auto& bad : {json(0), json(-1), json(1e30), json("3")})
    EXPECT_EQ(
      embed(s, {{"input", "a"}, {"dimensions", bad}}).body["error"]["param"],
      "dimensions");
}

TEST(embeddings, are_shortened_and_scaled_when_the_option_says_so) {
  auto options = fixed_options();
  options.truncate_dimensions = true;
  stage s{options};
  s.model = answers({3, 4, 5});
  auto x = embed(s, {{"input", "a"}, {"dimensions", 2}});
  EXPECT_EQ(x.body["data"][0]["embedding"], json({0.6, 0.8}));
  EXPECT_EQ(embed(s, {{"input", "a"}, {"dimensions", 4}}).status, 400);
  s.model = answers({0, 0, 5});
  x = embed(s, {{"input", "a"}, {"dimensions", 2}});
  EXPECT_EQ(x.body["data"][0]["embedding"], json({0.0, 0.0}));
}

TEST(embeddings, refuse_inputs_of_the_wrong_shape) {
  auto options = fixed_options();
  options.max_inputs = 2;
  stage s{options};
  s.model = length;
  EXPECT_EQ(embed(s, {{"input", {"a", "b"}}}).status, 200);
  for (const auto& bad :
       {json(nullptr), json(""), json::array(), json(1), json({"a", ""}),
        json({"a", "b", "c"}), json({-1}), json({1.5}), json::object()}) {
    auto x = embed(s, {{"input", bad}});
    EXPECT_EQ(x.status, 400) << bad;
    auto param = x.body["error"]["param"].get<std::string>();
    EXPECT_TRUE(param.starts_with("input")) << param;
  }
  EXPECT_EQ(embed(s, json::object()).body["error"]["param"], "input");
  EXPECT_EQ(embed(s, {{"input", "a"}, {"model", "m"}}).status, 404)
    << "that one chats";
}

TEST(embeddings, an_answer_that_is_not_an_embedding_is_500_and_logged) {
  stage s;
  for (const auto& bad :
       {json("x"), json(nullptr), json::array(), json({{"vector", {1}}}),
        json({1, "a"}), json({1e300}), json({{1}})}) {
    s.model = answers(bad);
    auto x = embed(s, {{"input", "a"}});
    EXPECT_EQ(x.status, 500) << bad;
    EXPECT_EQ(x.body["error"]["message"], "Internal server error");
  }
  s.model = yields({{1.0}, {2.0}});
  EXPECT_EQ(embed(s, {{"input", "a"}}).status, 500);
  s.model = [](const json&) { return stage::part{}; };
  EXPECT_EQ(embed(s, {{"input", "a"}}).status, 500);
  s.model = [](const json&) {
    return stage::part{{}, payload{"x", "image/png"}};
  };
  EXPECT_EQ(embed(s, {{"input", "a"}}).status, 500);
}

TEST(embeddings, may_be_the_only_item_of_a_stream) {
  stage s;
  s.model = yields({json::array({1.5, 2.5})});
  EXPECT_EQ(embed(s, {{"input", "a"}}).body["data"][0]["embedding"],
            json({1.5, 2.5}));
}

TEST(embedding_input, is_what_a_model_may_take) {
  embedding_input x;
  read_value(json::parse(R"({"input":"a","model":"e","dimensions":2})"), x);
  EXPECT_EQ(x.text, "a");
  EXPECT_EQ(x.model, "e");
  EXPECT_EQ(x.dimensions, 2U);
  embedding_input tokens;
  read_value(json::parse(R"({"input":[1,2]})"), tokens);
  EXPECT_EQ(tokens.tokens, (std::vector<std::int64_t>{1, 2}));
}

TEST(embeddings, copies_of_the_user_are_bounded) {
  stage s;
  s.model = length;
  json inputs = json::array();
  for (int i = 0; i < 1000; ++i)
    inputs.push_back("p");
  auto x = embed(s, {{"input", inputs}, {"user", std::string(40'000, 'x')}});
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(x.body["error"]["param"], "input");
  EXPECT_TRUE(s.documents.empty());
  EXPECT_EQ(embed(s, {{"input", inputs}, {"user", "me"}}).status, 200);
}
