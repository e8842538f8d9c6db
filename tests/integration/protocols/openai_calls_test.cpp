#include "troupe/tests/integration/openai_fixture.hpp"

using namespace troupe;
using namespace troupe::openai;

TEST(openai_calls, no_choice_of_a_stream_is_cut) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  // The three calls get the same script; each worker waits at the gate.
  auto client = http_client{server.port()};
  json more{{"stream", true}, {"n", 3}};
  ASSERT_TRUE(client.send(
    request_text("POST", chat_path,
                 server.script({"a", {{"pass", true}}, "b", "c"}, more).dump(),
                 {{"Content-Type", "application/json"}})));
  ASSERT_TRUE(server.seen->entered.reached(3));
  server.seen->entered.open();
  auto x = client.read();
  EXPECT_TRUE(x.complete);
  auto events = events_of(x.body);
  EXPECT_EQ(contents_of(events, 3),
            (std::vector<std::string>{"abc", "abc", "abc"}));
  int ends = 0;
  for (const auto& text : events)
    if (text != "[DONE]"
        && json::parse(text)["choices"][0]["finish_reason"] == "stop")
      ++ends;
  EXPECT_EQ(ends, 3);
  EXPECT_EQ(events.back(), "[DONE]");
}

TEST(openai_calls, a_failing_choice_ends_the_others) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = server.chat(
    server.script({"a", {{"throw", 501}}}, {{"stream", true}, {"n", 3}}));
  EXPECT_TRUE(x.complete);
  EXPECT_FALSE(contains(x.body, "[DONE]"));
  if (x.status == 200)
    EXPECT_TRUE(contains(x.body, "\"error\":")) << x.body;
  else
    EXPECT_EQ(x.status, 501);
}

TEST(openai_calls, numbers_that_do_not_fit_are_400) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  for (const auto* n : {"4294967297", "-1", "1e30", "\"1\"", "0", "9"}) {
    auto x = server.chat(server.script({"a"}, {{"n", json::parse(n)}}));
    EXPECT_EQ(x.status, 400) << n;
    EXPECT_EQ(error_of(x)["param"], "n") << n;
  }
  for (const auto* body : {"[]", "null", R"({"messages":[]})", "{", "\"x\""}) {
    auto x = post_json(server, chat_path, body);
    EXPECT_EQ(x.status, 400) << body;
    EXPECT_EQ(error_of(x)["type"], "invalid_request_error") << body;
  }
}

TEST(openai_calls, a_typed_model_refuses_with_400_too) {
  quiet_server server;
  server.add<batched_chat>(named("b"));
  openai_options options;
  options.model = "b";
  server.add(std::make_shared<openai_spec>(options));
  ASSERT_TRUE(server.starts());
  // Tokens are no message.
  auto x = post_json(server, "/v1/completions", R"({"prompt":[1,2]})");
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(error_of(x)["param"], "messages");
  x = post_json(server, "/v1/completions", R"({"prompt":"hi"})");
  EXPECT_EQ(json_of(x)["choices"][0]["text"], "hi of 1");
}

TEST(openai_calls, stands_beside_predict) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  auto x = post_json(server, "/lengths", R"({"input":"abc"})");
  EXPECT_EQ(json_of(x)["embedding"][0], 3);
  EXPECT_EQ(server.fetch("/health").status, 200);
}

TEST(openai_calls, a_client_that_leaves_cancels_the_model) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  {
    http_client client{server.port()};
    ASSERT_TRUE(client.send(
      request_text("POST", chat_path,
                   server
                     .script({{{"pass", true}}, {{"endless", true}}},
                             {{"stream", true}, {"n", 2}})
                     .dump(),
                   {{"Content-Type", "application/json"}})));
    // One that is still queued would be dropped instead.
    ASSERT_TRUE(server.seen->entered.reached(2));
    server.seen->entered.open();
    http_response head;
    ASSERT_TRUE(client.read_head(head));
    ASSERT_TRUE(client.read_chunk().has_value());
  }
  EXPECT_TRUE(eventually([&] { return server.seen->cancelled == 2; }));
}

TEST(openai_calls, an_answer_that_is_collected_has_a_bound) {
  auto options = openai_server::default_options();
  options.max_stream_bytes = 1000;
  openai_server server{test_options(), options};
  ASSERT_TRUE(server.starts());
  auto x = server.chat(server.script({{{"endless", true}}}));
  EXPECT_EQ(x.status, 500);
  EXPECT_TRUE(contains(error_of(x)["message"], "larger than 1000 bytes"));
  EXPECT_EQ(x.header("x-should-retry"), "false");
  EXPECT_TRUE(eventually([&] { return server.seen->cancelled == 1; }));
}

TEST(openai_calls, a_client_that_does_not_read_stops_its_models) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  ASSERT_TRUE(
    client.send(request_text("POST", chat_path,
                             server
                               .script({{{"pass", true}}, {{"endless", true}}},
                                       {{"stream", true}, {"n", 2}})
                               .dump(),
                             {{"Content-Type", "application/json"}})));
  ASSERT_TRUE(server.seen->entered.reached(2));
  server.seen->entered.open();
  http_response head;
  ASSERT_TRUE(client.read_head(head));
  EXPECT_TRUE(eventually([&] {
    auto made = server.seen->items.load();
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    return made > 0 && server.seen->items == made;
  }));
  EXPECT_EQ(server.seen->cancelled, 0);
  // Others are answered.
  EXPECT_EQ(content_of(server.chat(server.script({"a"}))), "a");
  client.close();
  EXPECT_TRUE(eventually([&] { return server.seen->cancelled == 2; }));
}

TEST(openai_calls, asks_the_models_own_authorize) {
  quiet_server server;
  server.add<guarded_chat>(named("guarded"));
  openai_options options;
  options.model = "guarded";
  server.add(std::make_shared<openai_spec>(options));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto body = message("hi");
  body["n"] = 2;
  for (bool stream : {false, true}) {
    body["stream"] = stream;
    auto x = post_json(client, chat_path, body.dump());
    EXPECT_EQ(x.status, 401) << x.body;
    EXPECT_EQ(error_of(x)["type"], "authentication_error");
    x = post_json(client, chat_path, body.dump(), {{"X-Token", "open sesame"}});
    EXPECT_EQ(x.status, 200) << x.body;
  }
}

TEST(openai_calls, copies_no_body_for_each_of_many_inputs) {
  quiet_server server;
  server.add<body_capacity>(named("embed"));
  openai_options options;
  options.embeddings = "embed";
  server.add(std::make_shared<openai_spec>(options));
  ASSERT_TRUE(server.starts());
  json input = json::array();
  for (int i = 0; i < 100; ++i)
    input.push_back(std::string(1000, 'x'));
  auto x =
    json_of(post_json(server, "/v1/embeddings", json{{"input", input}}.dump()));
  ASSERT_EQ(x["data"].size(), 100U) << x;
  for (const auto& one : x["data"])
    EXPECT_LT(one["embedding"][0], 1000);
}

TEST(openai_calls, embeds_more_inputs_than_a_queue_holds) {
  openai_server server;
  ASSERT_TRUE(server.starts());
  json input = json::array();
  for (std::size_t i = 0; i < 2048; ++i)
    input.push_back(std::string(i % 100 + 1, 'x'));
  auto x = server.embed({{"input", input}});
  ASSERT_EQ(x.status, 200) << x.body;
  auto data = json_of(x)["data"];
  ASSERT_EQ(data.size(), 2048U);
  for (std::size_t i = 0; i < 2048; ++i)
    ASSERT_EQ(data[i]["embedding"][0], i % 100 + 1) << i;
}

TEST(openai_calls, finds_a_model_by_an_encoded_slash) {
  // OpenAI's own client encodes the name.
  auto options = openai_server::default_options();
  options.aliases = {"org/model"};
  for (auto elsewhere : {encoded_slash::reject, encoded_slash::segment}) {
    auto front = test_options();
    front.paths.encoded_slash = elsewhere;
    openai_server server{front, options};
    ASSERT_TRUE(server.starts());
    EXPECT_EQ(json_of(server.fetch("/v1/models/org%2Fmodel"))["id"],
              "org/model");
    auto x = server.fetch("/v1/models/org%2Fnothing");
    EXPECT_EQ(x.status, 404);
    EXPECT_EQ(error_of(x)["code"], "model_not_found");
  }
}

TEST(openai_calls, refuses_malformed_paths_in_its_envelope) {
  openai_server server{test_options(), openai_server::default_options()};
  ASSERT_TRUE(server.starts());
  for (const auto* path :
       {"/v1/chat%2Fcompletions", "/v1/models/%00", "/v1/models/%zz"}) {
    auto x = server.fetch(path);
    EXPECT_EQ(x.status, 400) << path;
    EXPECT_EQ(error_of(x)["type"], "invalid_request_error") << x.body;
  }
  EXPECT_TRUE(json_of(server.fetch("/other/%zz")).contains("detail"));
}

TEST(openai_calls, lists_models_with_slashes_in_their_names) {
  auto options = openai_server::default_options();
  options.aliases = {"org/model"};
  openai_server server{test_options(), options};
  ASSERT_TRUE(server.starts());
  EXPECT_EQ(json_of(server.fetch("/v1/models"))["data"][1]["id"], "org/model");
  EXPECT_EQ(json_of(server.fetch("/v1/models/org/model"))["id"], "org/model");
  auto x = server.fetch("/v1/models/nothing");
  EXPECT_EQ(x.status, 404);
  EXPECT_EQ(error_of(x)["code"], "model_not_found");
}
