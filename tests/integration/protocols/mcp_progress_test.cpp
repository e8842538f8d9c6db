// `_meta.progressToken` and `notifications/progress`.
#include "troupe/tests/integration/mcp_fixture.hpp"

#include <sstream>

namespace troupe {

namespace {

const std::string stream_and_square =
  R"({"name": "count", "type": "stream", "predict": false}, )" + square_model;

std::string call_with(const std::string& tool, const json& arguments,
                      const json& token) {
  return rpc_message("tools/call", {{"name", tool},
                                    {"arguments", arguments},
                                    {"_meta", {{"progressToken", token}}}});
}

/// The documents of an event stream.
std::vector<json> events_of(const http_response& x) {
  EXPECT_EQ(x.header("Content-Type"), "text/event-stream");
  std::vector<json> result;
  std::istringstream in{x.body};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("data: "))
      result.push_back(json::parse(line.substr(6)));
  return result;
}

} // namespace

TEST(mcp_progress, of_a_stream_comes_before_its_result) {
  served server{mcp_config(stream_and_square, {"count", "square"})};
  auto events = events_of(ask_mcp(
    server, call_with("count", {{"count", 4}, {"interval_ms", 120}}, "t")));
  ASSERT_GE(events.size(), 3U);
  double before = 0;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    EXPECT_EQ(events[i]["method"], "notifications/progress");
    const auto& params = events[i]["params"];
    EXPECT_EQ(params["progressToken"], "t");
    EXPECT_GT(params["progress"], before);
    before = params["progress"];
  }
  EXPECT_EQ(events.back()["id"], 1);
  EXPECT_EQ(
    events.back()["result"]["structuredContent"],
    json::parse(
      R"({"items": [{"index": 0}, {"index": 1}, {"index": 2}, {"index": 3}]})"));
}

TEST(mcp_progress, is_silent_where_there_is_none) {
  served server{mcp_config(stream_and_square, {"count", "square"})};
  auto whole = ask_mcp(server, call_with("square", {{"input", 3}}, 5));
  EXPECT_EQ(whole.header("Content-Type"), "application/json");
  EXPECT_EQ(json_of(whole)["result"]["structuredContent"]["output"], 9.0);
  auto no_events = server.post("/mcp", call_with("count", {{"count", 2}}, 5),
                               {{"Content-Type", "application/json"}});
  EXPECT_EQ(no_events.header("Content-Type"), "application/json");
  EXPECT_EQ(json_of(no_events)["result"]["structuredContent"]["items"].size(),
            2U);
  auto batch =
    json_of(ask_mcp(server, '[' + call_with("count", {{"count", 2}}, 5) + ']'));
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch[0]["id"], 1);
}

TEST(mcp_progress, of_a_call_that_fails_ends_with_its_failure) {
  served server{mcp_config(stream_and_square, {"count", "square"})};
  auto x = ask_mcp(server, call_with("square", {{"input", "x"}}, 5));
  EXPECT_NE(tool_error(x), "") << "nothing had begun";
  auto bad =
    json_of(ask_mcp(server, call_with("square", {{"input", 1}}, {1, 2})));
  EXPECT_EQ(bad["error"]["code"], -32602);
  EXPECT_EQ(bad["id"], 1);
}

TEST(mcp_progress, keeps_the_stream_of_a_silent_tool_alive) {
  served server{mcp_config(
    R"({"name": "slow", "type": "sleep", "heartbeat_ms": 20})", {"slow"})};
  auto x = ask_mcp(server, call_with("slow", {{"base_ms", 200}}, 5));
  EXPECT_TRUE(x.body.starts_with(":\n\n")) << x.body;
  auto events = events_of(x);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["id"], 1);
  EXPECT_EQ(events[0]["result"]["isError"], false);
}

TEST(mcp_progress, of_the_modern_era_is_the_same) {
  served server{mcp_config(stream_and_square, {"count", "square"})};
  json meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
            {"io.modelcontextprotocol/clientCapabilities", json::object()},
            {"progressToken", 9}};
  auto events =
    events_of(ask_mcp(server,
                      rpc_message("tools/call", {{"name", "count"},
                                                 {"arguments", {{"count", 1}}},
                                                 {"_meta", meta}}),
                      {{"MCP-Protocol-Version", "2026-07-28"},
                       {"Mcp-Method", "tools/call"},
                       {"Mcp-Name", "count"}}));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["params"]["progressToken"], 9);
  EXPECT_EQ(events[1]["result"]["resultType"], "complete");
}

} // namespace troupe
