#include "troupe/specs/mcp/mcp_spec.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;

namespace {

constexpr auto version_key = "io.modelcontextprotocol/protocolVersion";
constexpr auto server_key = "io.modelcontextprotocol/serverInfo";

mcp_options one_tool() {
  mcp_options result;
  result.name = "maths";
  result.version = "2.1";
  result.instructions = "Ask twice.";
  result.tools.push_back(
    {.model = "square",
     .description = "Squares a number.",
     .input_schema = {
       {"type", "object"},
       {"properties",
        {{"unit", {{"type", "string"}, {"x-mcp-header", "Unit"}}}}}}});
  return result;
}

/// A server that is asked as a client of 2026-07-28 does it.
class mcp_modern : public testing::Test {
protected:
  outcome ask(const mcp_spec& server, const std::string& method,
              json params = json::object(), const header_map& more = {}) {
    params["_meta"][version_key] = "2026-07-28";
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
      json::object();
    auto ex = make_sink<recording_exchange>();
    ex->request.body = json{
      {"jsonrpc", "2.0"},
      {"id", "a"},
      {"method", method},
      {"params", params}}.dump();
    auto& headers = ex->request.headers;
    headers = {{"Content-Type", "application/json"},
               {"MCP-Protocol-Version", "2026-07-28"},
               {"Mcp-Method", method}};
    if (params.contains("name") && params["name"].is_string())
      headers.add("Mcp-Name", params["name"].get<std::string>());
    for (std::size_t i = 0; i < more.size(); ++i)
      headers.set(more[i].name, more[i].value);
    context ctx{*ex};
    auto result = server.routes()[0].handler(ex->request, ctx);
    ex->finish();
    return result;
  }

  /// The answer's document.
  json answer(outcome x, int status = 200) {
    auto* r = x.answer();
    if (r == nullptr || r->body.json() == nullptr) {
      ADD_FAILURE() << "no document";
      return nullptr;
    }
    EXPECT_EQ(r->status, status);
    EXPECT_EQ((*r->body.json())["id"], "a");
    return *r->body.json();
  }

  json result(const std::string& method, const json& params = json::object()) {
    return answer(ask(tested, method, params))["result"];
  }

  int error(const std::string& method, const json& params, int status,
            const header_map& more = {}) {
    return answer(ask(tested, method, params, more), status)["error"]["code"];
  }

  mcp_spec tested{one_tool()};
};

} // namespace

TEST_F(mcp_modern, can_be_discovered) {
  EXPECT_EQ(result("server/discover"), json::parse(R"({
    "resultType": "complete",
    "supportedVersions": ["2026-07-28", "2025-11-25", "2025-06-18",
                          "2025-03-26"],
    "capabilities": {"tools": {"listChanged": false}},
    "instructions": "Ask twice.",
    "ttlMs": 300000,
    "cacheScope": "private",
    "_meta": {"io.modelcontextprotocol/serverInfo":
              {"name": "maths", "version": "2.1"}}})"));
}

TEST_F(mcp_modern, lists_its_tools) {
  auto x = result("tools/list");
  ASSERT_EQ(x["tools"].size(), 1U);
  EXPECT_EQ(x["tools"][0]["name"], "square");
  EXPECT_EQ(x["resultType"], "complete");
  EXPECT_EQ(x["ttlMs"], 300000);
  EXPECT_EQ(x["cacheScope"], "private");
  EXPECT_EQ(x["_meta"][server_key]["name"], "maths");
  EXPECT_EQ(error("tools/list", {{"cursor", "x"}}, 200), -32602);
}

TEST_F(mcp_modern, lets_caches_share_what_all_may_read) {
  auto options = one_tool();
  options.access = access::open;
  auto x = answer(ask(mcp_spec{options}, "tools/list"));
  EXPECT_EQ(x["result"]["cacheScope"], "public");
}

TEST_F(mcp_modern, calls_a_tool) {
  auto x =
    ask(tested, "tools/call", {{"name", "square"}, {"arguments", {{"a", 1}}}});
  ASSERT_NE(x.call(), nullptr);
  EXPECT_EQ(*x.call()->document, json({{"a", 1}}));
  auto y = x.call()->encoder->finish(json_reply({{"output", 4}}));
  const auto& document = *y.body.json();
  EXPECT_EQ(document["id"], "a");
  EXPECT_EQ(document["result"]["resultType"], "complete");
  EXPECT_EQ(document["result"]["structuredContent"]["output"], 4);
  EXPECT_EQ(document["result"]["_meta"][server_key]["version"], "2.1");
}

TEST_F(mcp_modern, tells_failures_in_a_complete_result) {
  auto x = ask(tested, "tools/call", {{"name", "square"}});
  auto y = x.call()->failed(make_failure(errc::overloaded));
  EXPECT_EQ(y.status, 200);
  const auto& document = *y.body.json();
  EXPECT_EQ(document["id"], "a");
  EXPECT_EQ(document["result"]["isError"], true);
  EXPECT_EQ(document["result"]["resultType"], "complete");
}

TEST_F(mcp_modern, answers_404_to_unknown_methods) {
  for (const auto* method :
       {"ping", "initialize", "resources/list", "tools/forget"})
    EXPECT_EQ(error(method, json::object(), 404), -32601) << method;
}

TEST_F(mcp_modern, wants_headers_that_say_what_the_body_says) {
  const json call{{"name", "square"}};
  EXPECT_EQ(error("tools/call", call, 400, {{"Mcp-Method", "tools/list"}}),
            -32020);
  EXPECT_EQ(error("tools/call", call, 400, {{"Mcp-Name", "cube"}}), -32020);
  EXPECT_EQ(error("ping", {}, 400, {{"Mcp-Method", "tools/list"}}), -32020);
  EXPECT_EQ(error("tools/call",
                  {{"name", "square"}, {"arguments", {{"unit", "m"}}}}, 400),
            -32020)
    << "Mcp-Param-Unit is missing";
  auto x = ask(tested, "tools/call",
               {{"name", "square"}, {"arguments", {{"unit", "m"}}}},
               {{"Mcp-Param-Unit", "m"}});
  EXPECT_NE(x.call(), nullptr);
}

TEST_F(mcp_modern, refuses_calls_that_are_wrong) {
  EXPECT_EQ(error("tools/call", json::object(), 200), -32602);
  EXPECT_EQ(error("tools/call", {{"name", 1}}, 200), -32602);
  EXPECT_EQ(error("tools/call", {{"name", "cube"}}, 200), -32602);
}

TEST_F(mcp_modern, ends_a_subscription_because_nothing_changes) {
  auto x = ask(tested, "subscriptions/listen",
               {{"notifications", {{"toolsListChanged", true}}}});
  ASSERT_NE(x.answer(), nullptr);
  EXPECT_EQ(x.answer()->status, 200);
  EXPECT_EQ(x.answer()->headers.find("X-Accel-Buffering"), "no");
  EXPECT_EQ(x.answer()->body.content_type(), "text/event-stream");
  ASSERT_NE(x.answer()->body.raw(), nullptr);
  const auto& text = x.answer()->body.raw()->data;
  const std::string start = "event: message\ndata: ";
  ASSERT_TRUE(text.starts_with(start));
  auto end = text.find("\n\n");
  EXPECT_EQ(json::parse(text.substr(start.size(), end - start.size())),
            json::parse(R"({"jsonrpc": "2.0",
    "method": "notifications/subscriptions/acknowledged",
    "params": {"notifications": {},
               "_meta": {"io.modelcontextprotocol/subscriptionId": "a"}}})"));
  auto rest = text.substr(end + 2);
  ASSERT_TRUE(rest.starts_with(start) && rest.ends_with("}\n\n")) << rest;
  auto last = json::parse(rest.substr(start.size()));
  EXPECT_EQ(last["id"], "a");
  EXPECT_EQ(last["result"]["resultType"], "complete");
  EXPECT_EQ(last["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"],
            "a");
  EXPECT_EQ(error("subscriptions/listen", json::object(), 200), -32602);
}
