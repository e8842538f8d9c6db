#include "troupe/tests/integration/openai_fixture.hpp"

using namespace troupe;
using namespace troupe::openai;

namespace {

/// A part beside the script of an otherwise usual message; the model gets it
/// as `content[1]`.
json with_part(const json& part) {
  return {{{"role", "user"}, {"content", {part}}},
          {{"role", "user"}, {"content", R"([{"seen":true}])"}}};
}

} // namespace

// -- behaviour 22: chat completions -------------------------------------------

TEST(openai, behaviour_22_answers_as_a_whole) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = server.chat(server.script({"hel", "lo"}));
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.header("Content-Type"), "application/json");
  auto body = json_of(x);
  EXPECT_EQ(body["object"], "chat.completion");
  EXPECT_TRUE(body["id"].get<std::string>().starts_with("chatcmpl-"));
  EXPECT_EQ(content_of(x), "hello");
  EXPECT_NE(json_of(server.chat(server.script({"a"})))["id"], body["id"]);
}

TEST(openai, behaviour_22_streams_and_ends_with_done) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = server.chat(server.script({"hel", "lo"}, {{"stream", true}}));
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.header("Content-Type"), "text/event-stream");
  EXPECT_TRUE(x.complete);
  EXPECT_TRUE(x.body.ends_with("data: [DONE]\n\n"));
  auto events = events_of(x.body);
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(contents_of(events), std::vector<std::string>{"hello"});
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(json::parse(events[i])["id"], json::parse(events[0])["id"]);
}

TEST(openai, behaviour_22_hands_images_on) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  json part{{"type", "image_url"}, {"image_url", {{"url", "data:image/png,"}}}};
  auto x = server.chat({{"messages", with_part(part)}});
  ASSERT_EQ(x.status, 200) << x.body;
  EXPECT_EQ(json::parse(content_of(x))["messages"][0]["content"][0], part);
}

TEST(openai, behaviour_22_takes_wav_and_refuses_flac) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  json part{{"type", "input_audio"},
            {"input_audio", {{"data", "AAAA"}, {"format", "wav"}}}};
  EXPECT_EQ(server.chat({{"messages", with_part(part)}}).status, 200);
  part["input_audio"]["format"] = "flac";
  auto x = server.chat({{"messages", with_part(part)}});
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(error_of(x)["param"], "messages[0].content[0].input_audio.format");
  EXPECT_TRUE(contains(error_of(x)["message"], "expected 'wav' or 'mp3'"));
}

TEST(openai, behaviour_22_calls_tools) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  json tools{{{"type", "function"}, {"function", {{"name", "weather"}}}}};
  json step{{"tool_calls",
             {{{"function",
                {{"name", "weather"}, {"arguments", {{"city", "Rome"}}}}}}}}};
  auto x = server.chat(server.script(
    json::array({step}), {{"tools", tools}, {"tool_choice", "required"}}));
  ASSERT_EQ(x.status, 200) << x.body;
  auto choice = json_of(x)["choices"][0];
  EXPECT_EQ(choice["finish_reason"], "tool_calls");
  EXPECT_TRUE(choice["message"]["content"].is_null());
  EXPECT_EQ(choice["message"]["tool_calls"][0]["function"]["arguments"],
            R"({"city":"Rome"})");
}

TEST(openai, behaviour_22_hands_format_and_metadata_on) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  json more{
    {"response_format",
     {{"type", "json_schema"},
      {"json_schema", {{"name", "s"}, {"schema", {{"type", "object"}}}}}}},
    {"metadata", {{"trace", "1"}}},
    {"reasoning_effort", "low"}};
  auto x = server.chat(server.script({{{"seen", true}}}, more));
  ASSERT_EQ(x.status, 200) << x.body;
  auto seen = json::parse(content_of(x));
  for (const auto* key : {"response_format", "metadata", "reasoning_effort"})
    EXPECT_EQ(seen[key], more[key]);
}

TEST(openai, behaviour_22_takes_any_reasoning_effort_that_is_text) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = server.chat(server.script({"a"}, {{"reasoning_effort", "max"}}));
  EXPECT_EQ(x.status, 200) << "the list grows with the models";
  x = server.chat(server.script({"a"}, {{"reasoning_effort", 3}}));
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(error_of(x)["param"], "reasoning_effort");
}

TEST(openai, behaviour_22_stands_at_a_path_of_ones_own) {
  openai_server server{test_options(), openai_server::default_options(),
                       "/custom"};
  ASSERT_TRUE(server.starts());
  auto x = post_json(server, "/custom/v1/chat/completions",
                     server.script({"a"}).dump());
  EXPECT_EQ(content_of(x), "a");
  EXPECT_EQ(server.chat(server.script({"a"})).status, 404);
  EXPECT_EQ(json_of(server.fetch("/custom/v1/models"))["data"].size(), 3U);
}

TEST(openai, behaviour_22_works_with_a_model_that_takes_batches) {
  quiet_server server;
  auto model = named("b");
  model.batch.max_size = 4;
  model.batch.max_delay = std::chrono::seconds{10};
  server.add<batched_chat>(model);
  openai_options options;
  options.model = "b";
  server.add(std::make_shared<openai_spec>(options));
  ASSERT_TRUE(server.starts());
  // Its four choices are the four of the batch.
  auto body = message("x");
  body["n"] = 4;
  auto x = json_of(post_json(server, chat_path, body.dump()));
  ASSERT_EQ(x["choices"].size(), 4U) << x;
  for (const auto& choice : x["choices"])
    EXPECT_EQ(choice["message"]["content"], "x of 4");
}

TEST(openai, behaviour_22_gives_each_of_many_clients_its_own_answer) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto right = right_of_80(server.port(), [&](auto& client, int c, int i) {
    auto mine = std::to_string(c) + '/' + std::to_string(i);
    auto stream = i % 2 == 0;
    auto x = post_json(
      client, chat_path,
      server.script({mine, " and ", mine}, {{"stream", stream}}).dump());
    auto said = stream ? contents_of(events_of(x.body))[0] : content_of(x);
    return said == mine + " and " + mine;
  });
  EXPECT_EQ(right, 80);
}

// -- behaviour 23: usage and errors -------------------------------------------

TEST(openai, behaviour_23_gives_the_models_usage) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  json steps{
    {{"content", "a"}, {"prompt_tokens", 25}, {"completion_tokens", 10}}};
  json expected{
    {"prompt_tokens", 25}, {"completion_tokens", 10}, {"total_tokens", 35}};
  EXPECT_EQ(json_of(server.chat(server.script(steps)))["usage"], expected);
  auto events =
    events_of(server
                .chat(server.script(
                  steps, {{"stream", true},
                          {"stream_options", {{"include_usage", true}}}}))
                .body);
  ASSERT_GE(events.size(), 3U);
  auto last = json::parse(events[events.size() - 2]);
  EXPECT_EQ(last["usage"], expected);
  EXPECT_EQ(last["choices"], json::array());
  EXPECT_TRUE(json::parse(events[0])["usage"].is_null());
}

TEST(openai, behaviour_23_counts_five_yields_as_five_tokens) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = server.chat(server.script({"1", "2", "3", "4", "5"}));
  EXPECT_EQ(json_of(x)["usage"]["completion_tokens"], 5);
}

TEST(openai, behaviour_23_tells_in_band_of_an_error_after_an_item) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x =
    server.chat(server.script({"a", {{"throw", 501}}}, {{"stream", true}}));
  EXPECT_EQ(x.status, 200);
  EXPECT_TRUE(x.complete) << "a client would lose the record with the rest";
  EXPECT_FALSE(contains(x.body, "[DONE]"));
  EXPECT_TRUE(x.body.ends_with("\n\n")) << "a parser would drop the event";
  auto events = events_of(x.body);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(json::parse(events[1]), json::parse(R"({"error": {
    "message": "as asked for", "type": "server_error", "param": null,
    "code": null}})"));
}

TEST(openai, behaviour_23_has_a_real_status_for_an_error_before_items) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  for (bool stream : {false, true}) {
    json more{{"stream", stream}};
    auto x = server.chat(server.script({nullptr, {{"throw", 429}}}, more));
    EXPECT_EQ(x.status, 429);
    EXPECT_EQ(x.header("Retry-After"), "7");
    EXPECT_EQ(error_of(x)["type"], "rate_limit_error");
    x = server.chat(server.script({{{"die", true}}}, more));
    EXPECT_EQ(x.status, 500);
    EXPECT_FALSE(contains(x.body, "secret"));
    x = server.chat(server.script({{{"contents", "typo"}}}, more));
    EXPECT_EQ(x.status, 500);
    EXPECT_EQ(error_of(x)["message"], "Internal server error");
  }
}

TEST(openai, behaviour_23_has_the_error_after_an_item_alone_without_a_stream) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = server.chat(server.script({"a", {{"throw", 501}}}));
  EXPECT_EQ(x.status, 501);
  EXPECT_EQ(json_of(x), json::parse(R"({"error": {
    "message": "as asked for", "type": "server_error", "param": null,
    "code": null}})"));
}

// -- behaviour 24: embeddings -------------------------------------------------

TEST(openai, behaviour_24_embeds_one_and_four) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto one = json_of(server.embed({{"model", "lengths"}, {"input", "four"}}));
  EXPECT_EQ(one["data"][0]["embedding"], json({4.0, 1.0}));
  auto four = json_of(server.embed({{"input", {"a", "bb", "ccc", "dddd"}}}));
  ASSERT_EQ(four["data"].size(), 4U);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(four["data"][i]["embedding"][0], i + 1);
  EXPECT_EQ(four["usage"]["prompt_tokens"], 10);
}

TEST(openai, behaviour_24_batches_the_list_of_a_client) {
  // LitServe answers 400 to a list for a model that takes batches.
  openai_server server;
  ASSERT_TRUE(server.starts());
  json input = json::array();
  for (int i = 1; i <= 50; ++i)
    input.push_back(std::string(static_cast<std::size_t>(i), 'x'));
  auto x = json_of(server.embed({{"input", input}}));
  ASSERT_EQ(x["data"].size(), 50U);
  for (std::size_t i = 0; i < 50; ++i)
    EXPECT_EQ(x["data"][i]["embedding"][0], i + 1);
}

TEST(openai, behaviour_24_serves_many_clients_at_once) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto right = right_of_80(server.port(), [](auto& client, int c, int i) {
    auto n = static_cast<std::size_t>(c * 10 + i + 1);
    json body{{"input", {std::string(n, 'x'), "y"}}};
    auto x = json_of(post_json(client, "/v1/embeddings", body.dump()));
    return x["data"][0]["embedding"][0] == n
           && x["data"][1]["embedding"][0] == 1;
  });
  EXPECT_EQ(right, 80);
}
