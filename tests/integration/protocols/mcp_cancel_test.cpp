// `notifications/cancelled` and batches, of MCP's versions with sessions.
#include "troupe/tests/integration/mcp_fixture.hpp"

namespace troupe {

namespace {

const std::string fault_tool =
  R"({"name": "fault", "type": "fault", "predict": false})";

/// What comes in on one I/O thread cancels what came in on another.
const std::string two_threads = R"("server": {"io_threads": 2}, )";

/// Begins a session. @returns its header
header_list begin_session(const served& server) {
  auto x = ask_mcp(
    server, rpc_message("initialize", {{"protocolVersion", "2025-11-25"}}));
  auto id = x.header("Mcp-Session-Id");
  EXPECT_NE(id, "");
  return {{"Mcp-Session-Id", id}};
}

int cancel(const served& server, const header_list& session, const json& id) {
  json message{{"jsonrpc", "2.0"},
               {"method", "notifications/cancelled"},
               {"params", {{"requestId", id}}}};
  return ask_mcp(server, message.dump(), session).status;
}

bool has_pending(const served& server, int n) {
  return contains(server.get("/metrics").body,
                  R"(troupe_model_pending_requests{model="fault"} )"
                    + std::to_string(n) + '\n');
}

/// Asks on a connection of its own, and waits until `n` requests are pending.
http_client begin_call(const served& server, const std::string& body,
                       const header_list& session, int n = 1) {
  auto client = server.connect();
  client.send(request_text("POST", "/mcp", body, json_headers(session)));
  EXPECT_TRUE(eventually([&] { return has_pending(server, n); }));
  return client;
}

void expect_no_answer(http_client& client) {
  auto x = client.read();
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(x.body, "");
}

} // namespace

TEST(mcp_cancel, ends_a_call_that_runs) {
  served server{mcp_config(fault_tool, {"fault"}, two_threads)};
  auto session = begin_session(server);
  // On both I/O threads.
  for (auto i = 0; i < 4; ++i) {
    auto client =
      begin_call(server, tool_call("fault", {{"mode", "hang"}}, "a"), session);
    EXPECT_EQ(cancel(server, session, "a"), 202);
    expect_no_answer(client);
    EXPECT_TRUE(eventually([&] { return has_pending(server, 0); }))
      << "the one worker is free again";
    client.send(
      request_text("POST", "/mcp", rpc_message("ping"), json_headers(session)));
    EXPECT_EQ(client.read().status, 200) << "the connection goes on";
  }
}

TEST(mcp_cancel, drops_a_call_that_waits) {
  served server{mcp_config(fault_tool, {"fault"}, two_threads)};
  auto session = begin_session(server);
  auto running =
    begin_call(server, tool_call("fault", {{"mode", "hang"}}, 1), session, 1);
  auto queued =
    begin_call(server, tool_call("fault", {{"b", 1}}, 2), session, 2);
  EXPECT_EQ(cancel(server, session, 2), 202);
  expect_no_answer(queued);
  EXPECT_TRUE(eventually([&] { return has_pending(server, 1); }));
  EXPECT_EQ(cancel(server, session, 1), 202);
  expect_no_answer(running);
}

TEST(mcp_cancel, is_for_the_session_and_the_exact_id) {
  served server{mcp_config(fault_tool, {"fault"}, two_threads)};
  auto session = begin_session(server);
  auto client =
    begin_call(server, tool_call("fault", {{"mode", "hang"}}, 1), session);
  EXPECT_EQ(cancel(server, begin_session(server), 1), 202);
  EXPECT_EQ(cancel(server, {}, 1), 202);
  EXPECT_EQ(cancel(server, session, "1"), 202);
  EXPECT_EQ(cancel(server, session, 2), 202);
  EXPECT_EQ(cancel(server, {{"Mcp-Session-Id", "1"}}, 1), 404);
  EXPECT_TRUE(has_pending(server, 1));
  EXPECT_EQ(cancel(server, session, 1), 202);
  expect_no_answer(client);
}

TEST(mcp_cancel, leaves_calls_without_a_session) {
  served server{mcp_config(fault_tool, {"fault"})};
  auto client =
    begin_call(server, tool_call("fault", {{"mode", "hang"}}, 1), {});
  EXPECT_EQ(cancel(server, {}, 1), 202);
  EXPECT_EQ(cancel(server, begin_session(server), 1), 202);
  EXPECT_TRUE(has_pending(server, 1));
}

TEST(mcp_cancel, ends_one_call_of_a_batch) {
  served server{mcp_config(fault_tool + ", " + square_model,
                           {"fault", "square"}, two_threads)};
  auto session = begin_session(server);
  auto client = begin_call(server,
                           '[' + tool_call("fault", {{"mode", "hang"}}, 1) + ','
                             + tool_call("square", {{"input", 3}}, 2) + ']',
                           session);
  EXPECT_EQ(cancel(server, session, 1), 202);
  auto x = json_of(client.read());
  ASSERT_EQ(x.size(), 1U) << x;
  EXPECT_EQ(x[0]["id"], 2);
  EXPECT_EQ(x[0]["result"]["structuredContent"]["output"], 9.0);
}

TEST(mcp_batch, answers_each_request_by_itself) {
  served server{
    mcp_config(fault_tool + ", " + square_model, {"fault", "square"})};
  auto batch = '[' + tool_call("square", {{"input", 3}}, 1) + ','
               + tool_call("fault", {{"mode", "throw"}}, "two") + ','
               + R"({"jsonrpc":"2.0","method":"notifications/initialized"},)"
               + tool_call("fault", {{"mode", "exit"}}, 3) + ','
               + tool_call("cube", json::object(), 4) + ','
               + rpc_message("ping", nullptr, 5) + ','
               + tool_call("fault", {{"a", 1}}, 6) + ']';
  auto response = ask_mcp(server, batch);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Type"), "application/json");
  auto x = json_of(response);
  ASSERT_EQ(x.size(), 6U) << x;
  EXPECT_EQ(x[0]["result"]["structuredContent"]["output"], 9.0);
  EXPECT_EQ(x[1]["id"], "two");
  EXPECT_EQ(x[1]["result"]["content"][0]["text"], "Internal server error");
  EXPECT_EQ(x[2]["result"]["content"][0]["text"],
            "Worker died while processing the request");
  EXPECT_EQ(x[3]["error"]["code"], -32602);
  EXPECT_EQ(x[4]["result"], json::object());
  EXPECT_EQ(x[5]["result"]["structuredContent"], json({{"a", 1}}))
    << "after the failures of others";
  response = ask_mcp(server, batch, {{"MCP-Protocol-Version", "2025-06-18"}});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(json_of(response)["error"]["code"], -32600);
}

TEST(mcp_batch, of_notifications_is_accepted) {
  served server{mcp_config(square_model, {"square"})};
  auto x = ask_mcp(
    server, R"([{"jsonrpc":"2.0","method":"notifications/initialized"}])");
  EXPECT_EQ(x.status, 202);
  EXPECT_EQ(x.body, "");
}

TEST(mcp, tells_failures_as_messages_to_who_takes_events_only) {
  served server{mcp_config(
    R"({"name": "late", "type": "fault", "timeout_ms": 300,
        "heartbeat_ms": 20})",
    {"late"})};
  auto x = server.post(
    "/mcp", tool_call("late", {{"mode", "hang"}}),
    {{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}});
  EXPECT_EQ(x.header("Content-Type"), "text/event-stream");
  EXPECT_TRUE(contains(x.body, R"("isError":true)")) << x.body;
  EXPECT_FALSE(contains(x.body, "event: error"))
    << "clients of MCP read no such events: " << x.body;
}

} // namespace troupe
