#include "troupe/specs/mcp/mcp_spec.hpp"
#include "troupe/tests/integration/library.hpp"
#include "troupe/tests/integration/mcp_fixture.hpp"

namespace troupe {

TEST(mcp, behaviour_25_mcp_tools_list_returns_one_tool) {
  served server{mcp_config(square_model, {"square"})};
  auto x = ask_mcp(server, rpc_message("tools/list"));
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.header("Content-Type"), "application/json");
  auto tools = json_of(x)["result"]["tools"];
  ASSERT_EQ(tools.size(), 1U);
  EXPECT_EQ(tools[0]["name"], "square");
  EXPECT_EQ(tools[0]["inputSchema"]["type"], "object");
  EXPECT_EQ(server.post("/predict", R"({"input":3})").status, 200)
    << "the predict endpoint stays where it was";
}

TEST(mcp, goes_through_its_lifecycle) {
  served server{mcp_config(square_model, {"square"})};
  auto client = server.connect();
  auto post = [&](const std::string& body) {
    return client.post("/mcp", body, json_headers());
  };
  auto hello =
    json_of(post(rpc_message("initialize", {{"protocolVersion", "2025-06-18"},
                                            {"capabilities", json::object()},
                                            {"clientInfo", {{"name", "t"}}}})));
  EXPECT_EQ(hello["result"]["protocolVersion"], "2025-06-18");
  EXPECT_EQ(hello["result"]["serverInfo"]["name"], "test");
  auto taken =
    post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  EXPECT_EQ(taken.status, 202);
  EXPECT_EQ(taken.body, "");
  auto called = json_of(post(tool_call("square", {{"input", 12}})));
  EXPECT_EQ(called["result"]["structuredContent"]["output"], 144.0);
  EXPECT_EQ(called["result"]["isError"], false);
}

TEST(mcp, answers_get_and_delete_with_405) {
  served server{mcp_config(square_model, {"square"})};
  for (const auto* method : {"GET", "DELETE"}) {
    auto client = server.connect();
    client.send(request_text(method, "/mcp"));
    auto x = client.read();
    EXPECT_EQ(x.status, 405);
    EXPECT_TRUE(contains(x.header("Allow"), "POST")) << x.header("Allow");
    EXPECT_EQ(json_of(x)["error"]["message"], "Method Not Allowed");
  }
}

TEST(mcp, refuses_pages_of_other_sites_and_unknown_versions) {
  served server{mcp_config(square_model, {"square"})};
  auto body = tool_call("square", {{"input", 1}});
  EXPECT_EQ(ask_mcp(server, body, {{"Origin", "http://localhost:9"}}).status,
            200);
  auto x = ask_mcp(server, body, {{"Origin", "http://rebound.example:8000"}});
  EXPECT_EQ(x.status, 403);
  EXPECT_TRUE(contains(json_of(x)["error"]["message"], "allowed_origins"));
  x = ask_mcp(server, body, {{"MCP-Protocol-Version", "2024-10-07"}});
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(json_of(x)["error"]["code"], -32022);
  x = ask_mcp(server,
              rpc_message("initialize", {{"protocolVersion", "2025-03-26"}}),
              {{"MCP-Protocol-Version", "2024-10-07"}});
  EXPECT_EQ(json_of(x)["result"]["protocolVersion"], "2025-03-26")
    << "what they agree on stands in the body";
  EXPECT_EQ(ask_mcp(server, "{").status, 400);
  EXPECT_EQ(server.post("/mcp", body, {{"Content-Type", "text/plain"}}).status,
            415);
}

TEST(mcp, asks_for_the_key_as_predict_does) {
  served server{mcp_config(square_model, {"square"}),
                {{"TROUPE_API_KEY", "k"}}};
  auto body = tool_call("square", {{"input", 3}});
  for (const auto& text :
       {body, rpc_message("tools/list"), rpc_message("ping")})
    EXPECT_EQ(ask_mcp(server, text).status, 401);
  EXPECT_EQ(ask_mcp(server, body, {{"X-API-Key", "wrong"}}).status, 401);
  auto x = ask_mcp(server, body, {{"X-API-Key", "k"}});
  EXPECT_EQ(json_of(x)["result"]["structuredContent"]["output"], 9.0);
}

TEST(mcp, asks_the_models_own_authorize) {
  struct guarded {
    bool authorize(const request& req) {
      return req.header("X-Token") == "open sesame";
    }

    json predict(const json& x) {
      return x;
    }
  };
  quiet_server server;
  server.add<guarded>(named("guarded"));
  mcp_options options;
  options.tools.push_back({.model = "guarded",
                           .description = "Answers who brings the token.",
                           .input_schema = {{"type", "object"}}});
  server.add(std::make_shared<mcp_spec>(std::move(options)));
  ASSERT_TRUE(server.starts());
  http_client client{server.port()};
  auto body = tool_call("guarded", {{"a", 1}});
  EXPECT_EQ(tool_error(client.post("/mcp", body, json_headers())),
            "Not authenticated");
  auto x =
    client.post("/mcp", body, json_headers({{"X-Token", "open sesame"}}));
  EXPECT_EQ(json_of(x)["result"]["structuredContent"], json({{"a", 1}}));
}

TEST(mcp, takes_a_call_without_arguments) {
  served server{mcp_config(R"({"name": "echo", "type": "echo"})", {"echo"})};
  for (const auto& params : {json{{"name", "echo"}},
                             json{{"name", "echo"}, {"arguments", nullptr}}}) {
    auto x = json_of(ask_mcp(server, rpc_message("tools/call", params)));
    EXPECT_EQ(x["result"]["structuredContent"], json::object()) << x;
  }
}

TEST(mcp, tells_the_errors_of_a_model_in_the_result) {
  served server{mcp_config(
    square_model + R"(, {"name": "fault", "type": "fault", "predict": false})",
    {"square", "fault"})};
  EXPECT_EQ(tool_error(ask_mcp(server, tool_call("square", {{"in", 1}}))),
            "input: Field required");
  EXPECT_EQ(
    tool_error(ask_mcp(server, tool_call("fault", {{"mode", "status"}}))),
    "fault: asked for status 500");
  EXPECT_EQ(
    tool_error(ask_mcp(server, tool_call("fault", {{"mode", "throw"}}))),
    "Internal server error");
  EXPECT_EQ(tool_error(ask_mcp(server, tool_call("fault", {{"mode", "exit"}}))),
            "Worker died while processing the request");
  EXPECT_EQ(json_of(ask_mcp(
              server, tool_call("cube", json::object())))["error"]["code"],
            -32602);
}

TEST(mcp, tells_deadlines_with_the_requests_id) {
  served server{mcp_config(
    R"({"name": "late", "type": "fault", "predict": false, "timeout_ms": 50})",
    {"late"})};
  auto x = ask_mcp(server, tool_call("late", {{"mode", "hang"}}));
  EXPECT_EQ(tool_error(x), "Request timed out") << "the model's own timeout";
  EXPECT_EQ(json_of(x)["id"], 1);
  x = ask_mcp(server, tool_call("late", {{"mode", "hang"}}),
              {{"X-Request-Timeout", "0.02"}});
  EXPECT_EQ(tool_error(x), "Request timed out");
}

TEST(mcp, tells_a_full_queue_in_the_result) {
  served server{mcp_config(
    R"({"name": "fault", "type": "fault", "queue": {"max_size": 1}})",
    {"fault"})};
  auto held = hold_worker(server, "/predict");
  auto queued = server.accepted();
  auto barrier = server.accepted();
  queued.send(request_text("POST", "/predict", R"({"mode":"hang"})"));
  server.read_everything(barrier);
  EXPECT_EQ(tool_error(ask_mcp(server, tool_call("fault", json::object()))),
            "Server is overloaded");
}

TEST(mcp, collects_the_items_of_a_stream) {
  served server{mcp_config(
    R"({"name": "stream", "type": "stream", "options": {"count": 3}})",
    {"stream"})};
  auto x =
    json_of(ask_mcp(server, tool_call("stream", json::object())))["result"];
  EXPECT_EQ(x["structuredContent"]["items"].size(), 3U);
  EXPECT_EQ(x["content"][0]["text"],
            "{\"index\":0}\n{\"index\":1}\n{\"index\":2}\n");
  x = json_of(ask_mcp(server, tool_call("stream", {{"count", 0}})))["result"];
  EXPECT_EQ(x["structuredContent"], json({{"items", json::array()}}));
  // Endless, but bounded.
  auto text = tool_error(
    ask_mcp(server, tool_call("stream", {{"count", 1'000'000'000'000}})));
  EXPECT_TRUE(contains(text, "larger than 4194304 bytes")) << text;
  EXPECT_EQ(
    json_of(ask_mcp(server,
                    tool_call("stream", {{"count", 1}})))["result"]["isError"],
    false)
    << "the worker is free again";
}

TEST(mcp, sets_the_arguments_that_a_tool_fixes) {
  served server{R"({"models": [{"name": "echo", "type": "echo"}],
    "specs": [{"type": "mcp", "options": {"tools": [{"model": "echo",
      "description": "Repeats.", "input_schema": {"type": "object"},
      "arguments": {"stream": false}}]}}]})"};
  auto x =
    json_of(ask_mcp(server, tool_call("echo", {{"a", 1}, {"stream", true}})));
  EXPECT_EQ(x["result"]["structuredContent"],
            json({{"a", 1}, {"stream", false}}));
  EXPECT_EQ(
    json_of(ask_mcp(server, rpc_message("tools/list")))["result"]["tools"][0],
    json({{"name", "echo"},
          {"description", "Repeats."},
          {"inputSchema", {{"type", "object"}}}}));
}

#ifdef TROUPE_HAS_LLAMA
TEST(mcp, gets_a_whole_answer_of_a_language_model) {
  served server{R"({"models": [{"name": "tiny", "type": "llama", "path": ")"
                + std::string{TROUPE_SOURCE_DIR}
                + R"(/examples/llama/data/tiny.gguf"}],
    "specs": [{"type": "mcp", "options": {"tools": [{"model": "tiny",
      "description": "Writes on.",
      "input_schema": {"type": "object", "required": ["prompt"],
        "properties": {"prompt": {"type": "string"}}},
      "arguments": {"stream": false, "max_tokens": 4}}]}}]})"};
  ASSERT_TRUE(eventually([&] { return server.get("/health").status == 200; }));
  auto x =
    json_of(ask_mcp(server, tool_call("tiny", {{"prompt", "The hacker"}})));
  const auto& result = x["result"];
  ASSERT_EQ(result["isError"], false) << x;
  EXPECT_EQ(result["content"].size(), 1U);
  EXPECT_TRUE(result["structuredContent"]["content"].is_string()) << x;
  EXPECT_FALSE(result["structuredContent"].contains("items")) << x;
}
#endif

TEST(mcp, cancels_the_call_of_a_client_that_leaves) {
  served server{mcp_config(R"({"name": "fault", "type": "fault"})", {"fault"})};
  auto client = server.connect();
  client.send(request_text(
    "POST", "/mcp", tool_call("fault", {{"mode", "hang"}}), json_headers()));
  ASSERT_TRUE(eventually([&] {
    return contains(server.get("/metrics").body,
                    R"(troupe_model_pending_requests{model="fault"} 1)");
  }));
  client.close();
  EXPECT_EQ(server.post("/predict", "1").body, "1")
    << "the one worker is free again";
}

} // namespace troupe
