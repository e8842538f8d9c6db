#include "troupe/tests/integration/served.hpp"

namespace troupe {

namespace {

const std::string modern_config = R"({
  "models": [{"name": "square", "type": "square"},
             {"name": "fault", "type": "fault", "predict": false}],
  "specs": [{"type": "mcp", "options": {"name": "test", "tools": [
    {"model": "square", "description": "Squares.",
     "input_schema": {"type": "object", "properties": {
       "input": {"type": "number"},
       "unit": {"type": "string", "x-mcp-header": "Unit"}}}},
    {"model": "fault", "description": "Fails.",
     "input_schema": {"type": "object"}}]}}]})";

const std::string modern = "2026-07-28";

std::string body(const std::string& method, json params = json::object(),
                 const std::string& version = modern) {
  params["_meta"] = {
    {"io.modelcontextprotocol/protocolVersion", version},
    {"io.modelcontextprotocol/clientInfo", {{"name", "t"}, {"version", "1"}}},
    {"io.modelcontextprotocol/clientCapabilities", json::object()}};
  return json{
    {"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}}
    .dump();
}

/// What every request of this era has.
header_list headers(const std::string& method, const std::string& name = "",
                    header_list more = {},
                    const std::string& version = modern) {
  more.emplace_back("Content-Type", "application/json");
  more.emplace_back("Accept", "application/json, text/event-stream");
  more.emplace_back("MCP-Protocol-Version", version);
  more.emplace_back("Mcp-Method", method);
  if (!name.empty())
    more.emplace_back("Mcp-Name", name);
  return more;
}

std::string modern_call(const std::string& tool, const json& arguments) {
  return body("tools/call", {{"name", tool}, {"arguments", arguments}});
}

int code(const http_response& x) {
  return json_of(x)["error"]["code"];
}

} // namespace

TEST(mcp_modern, is_served_beside_the_legacy_era) {
  served server{modern_config};
  auto client = server.connect();
  auto found = json_of(
    client.post("/mcp", body("server/discover"), headers("server/discover")));
  EXPECT_EQ(found["result"]["supportedVersions"][0], modern);
  EXPECT_EQ(found["result"]["resultType"], "complete");
  auto listed = json_of(
    client.post("/mcp", body("tools/list"), headers("tools/list")))["result"];
  EXPECT_EQ(listed["tools"].size(), 2U);
  EXPECT_EQ(listed["cacheScope"], "private");
  auto called =
    json_of(client.post("/mcp", modern_call("square", {{"input", 12}}),
                        headers("tools/call", "square")))["result"];
  EXPECT_EQ(called["structuredContent"]["output"], 144.0);
  EXPECT_EQ(called["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
            "test");
  auto hello =
    json_of(client.post("/mcp",
                        R"({"jsonrpc":"2.0","id":1,"method":"initialize",
        "params":{"protocolVersion":"2026-07-28"}})",
                        {{"Content-Type", "application/json"}}));
  EXPECT_EQ(hello["result"]["protocolVersion"], "2025-11-25");
  EXPECT_FALSE(hello["result"].contains("resultType"));
}

TEST(mcp_modern, tells_what_is_wrong_by_status_and_code) {
  served server{modern_config};
  auto client = server.connect();
  auto post = [&](const std::string& text, const header_list& xs) {
    return client.post("/mcp", text, xs);
  };
  auto x = post(body("tools/list", {}, "1900-01-01"),
                headers("tools/list", "", {}, "1900-01-01"));
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(code(x), -32022);
  EXPECT_EQ(json_of(x)["error"]["data"]["supported"][0], modern);
  x = post(body("tools/list"), headers("tools/list", "", {}, "2025-11-25"));
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(code(x), -32020);
  x =
    post(modern_call("square", {{"input", 1}}), headers("tools/call", "fault"));
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(code(x), -32020);
  EXPECT_EQ(json_of(x)["id"], 1);
  x = post(modern_call("square", {{"input", 1}, {"unit", "m"}}),
           headers("tools/call", "square", {{"Mcp-Param-Unit", "km"}}));
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(code(x), -32020);
  x = post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})",
           headers("tools/list"));
  EXPECT_EQ(x.status, 400);
  EXPECT_EQ(code(x), -32602);
  x = post(body("ping"), headers("ping"));
  EXPECT_EQ(x.status, 404);
  EXPECT_EQ(code(x), -32601);
  x = post(modern_call("cube", json::object()), headers("tools/call", "cube"));
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(code(x), -32602);
}

TEST(mcp_modern, tells_a_tools_failure_in_the_result) {
  served server{modern_config};
  auto x =
    json_of(server.post("/mcp", modern_call("fault", {{"mode", "throw"}}),
                        headers("tools/call", "fault")))["result"];
  EXPECT_EQ(x["isError"], true);
  EXPECT_EQ(x["resultType"], "complete");
}

TEST(mcp_modern, takes_notifications) {
  served server{modern_config};
  auto x = server.post(
    "/mcp", R"({"jsonrpc":"2.0","method":"notifications/cancelled"})",
    {{"Content-Type", "application/json"}, {"MCP-Protocol-Version", modern}});
  EXPECT_EQ(x.status, 202);
  EXPECT_EQ(x.body, "");
}

TEST(mcp_modern, ends_a_subscription_in_order) {
  served server{modern_config};
  auto x = server.post(
    "/mcp", body("subscriptions/listen", {{"notifications", json::object()}}),
    headers("subscriptions/listen"));
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(x.header("X-Accel-Buffering"), "no");
  EXPECT_EQ(count(x.body, "event: message\ndata: {"), 2U) << x.body;
  EXPECT_TRUE(contains(x.body, "notifications/subscriptions/acknowledged"));
}

TEST(mcp_modern, cancels_the_call_of_a_client_that_leaves) {
  served server{modern_config};
  auto client = server.connect();
  client.send(request_text("POST", "/mcp",
                           modern_call("fault", {{"mode", "hang"}}),
                           headers("tools/call", "fault")));
  ASSERT_TRUE(eventually([&] {
    return contains(server.get("/metrics").body,
                    R"(troupe_model_pending_requests{model="fault"} 1)");
  }));
  client.close();
  auto x = json_of(server.post("/mcp", modern_call("fault", json::object()),
                               headers("tools/call", "fault")))["result"];
  EXPECT_EQ(x["isError"], false) << "the one worker is free again";
}

} // namespace troupe
