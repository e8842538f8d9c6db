#include "troupe/specs/mcp/mcp_spec.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;

namespace {

mcp_options two_tools() {
  mcp_options result;
  result.name = "maths";
  result.version = "2.1";
  mcp_tool square;
  square.model = "square";
  square.description = "Squares a number.";
  square.input_schema = {{"type", "object"}};
  result.tools.push_back(square);
  square.name = "strict";
  square.title = "A strict one";
  square.output_schema = {{"type", "object"},
                          {"properties", {{"output", {{"type", "number"}}}}}};
  result.tools.push_back(square);
  return result;
}

class mcp_spec_test : public testing::Test {
protected:
  /// What the one handler gives for a body.
  outcome post(std::string body, header_map headers = {}) {
    auto ex = make_sink<recording_exchange>();
    ex->request.body = std::move(body);
    ex->request.headers = std::move(headers);
    if (!ex->request.headers.find("Content-Type"))
      ex->request.headers.add("Content-Type", "application/json");
    context ctx{*ex};
    auto result = tested.routes()[0].handler(ex->request, ctx);
    ex->finish();
    return result;
  }

  outcome ask(const std::string& method, json params = nullptr) {
    json message{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}};
    if (!params.is_null())
      message["params"] = std::move(params);
    return post(message.dump());
  }

  json answer(outcome x, int status = 200) {
    auto* r = x.answer();
    if (r == nullptr) {
      ADD_FAILURE() << "no answer";
      return nullptr;
    }
    EXPECT_EQ(r->status, status);
    return r->body.json() == nullptr ? json{} : *r->body.json();
  }

  json result(const std::string& method, json params = nullptr) {
    auto x = answer(ask(method, std::move(params)));
    EXPECT_EQ(x["id"], 1);
    EXPECT_EQ(x["jsonrpc"], "2.0");
    return x["result"];
  }

  int error(const std::string& method, json params = nullptr) {
    auto x = answer(ask(method, std::move(params)));
    EXPECT_EQ(x["id"], 1);
    return x["error"]["code"];
  }

  /// The status that a request is refused with; 0: it is not.
  int refused(header_map headers) {
    try {
      auto x =
        post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", std::move(headers));
      return x.answer()->status == 200 ? 0 : x.answer()->status;
    } catch (const http_error& e) {
      return e.why().effective_status();
    }
  }

  mcp_spec tested{two_tools()};
};

} // namespace

TEST_F(mcp_spec_test, is_one_endpoint_for_post) {
  ASSERT_EQ(tested.routes().size(), 1U);
  const auto& e = tested.routes()[0].endpoint;
  EXPECT_EQ(e.pattern, "/mcp");
  EXPECT_EQ(e.methods, method_set{method::post});
  EXPECT_EQ(e.access, access::key);
  EXPECT_EQ(tested.name(), "mcp maths");
}

TEST_F(mcp_spec_test, refuses_options_that_are_wrong) {
  EXPECT_THROW(mcp_spec{mcp_options{}}, std::invalid_argument);
}

TEST_F(mcp_spec_test, introduces_itself) {
  auto x = result("initialize", {{"protocolVersion", "2025-11-25"}});
  EXPECT_EQ(x, json::parse(R"({"protocolVersion":"2025-11-25",
    "capabilities":{"tools":{"listChanged":false}},
    "serverInfo":{"name":"maths","version":"2.1"}})"));
  auto options = two_tools();
  options.instructions = "Ask twice.";
  mcp_spec talkative{options};
  auto ex = make_sink<recording_exchange>();
  ex->request.body = R"({"jsonrpc":"2.0","id":1,"method":"initialize",
                         "params":{"protocolVersion":"2025-11-25"}})";
  ex->request.headers = {{"Content-Type", "application/json"}};
  context ctx{*ex};
  auto y = answer(talkative.routes()[0].handler(ex->request, ctx));
  EXPECT_EQ(y["result"]["instructions"], "Ask twice.");
}

TEST_F(mcp_spec_test, agrees_on_a_version) {
  for (const auto* known : {"2025-11-25", "2025-06-18", "2025-03-26"})
    EXPECT_EQ(
      result("initialize", {{"protocolVersion", known}})["protocolVersion"],
      known);
  for (const auto* other : {"2024-10-07", "2024-11-05", "2099-01-01", ""})
    EXPECT_EQ(
      result("initialize", {{"protocolVersion", other}})["protocolVersion"],
      "2025-11-25");
  EXPECT_EQ(error("initialize"), -32602);
  EXPECT_EQ(error("initialize", {{"protocolVersion", 1}}), -32602);
}

TEST_F(mcp_spec_test, answers_ping_and_takes_notifications) {
  EXPECT_EQ(result("ping"), json::object());
  for (const auto* text :
       {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"tools/call","params":{}})",
        R"({"jsonrpc":"2.0","id":1,"result":{}})"}) {
    auto x = post(text);
    ASSERT_NE(x.answer(), nullptr);
    EXPECT_EQ(x.answer()->status, 202);
    EXPECT_TRUE(x.answer()->body.empty());
  }
}

TEST_F(mcp_spec_test, lists_its_tools) {
  auto x = result("tools/list");
  ASSERT_EQ(x["tools"].size(), 2U);
  EXPECT_EQ(x["tools"][0], json::parse(R"({"name":"square",
    "description":"Squares a number.","inputSchema":{"type":"object"}})"));
  EXPECT_EQ(x["tools"][1]["title"], "A strict one");
  EXPECT_EQ(x["tools"][1]["outputSchema"]["type"], "object");
  EXPECT_FALSE(x.contains("nextCursor"));
  EXPECT_EQ(error("tools/list", {{"cursor", "x"}}), -32602);
  EXPECT_EQ(error("tools/list", {{"cursor", 1}}), -32602);
  EXPECT_EQ(result("tools/list", {{"cursor", nullptr}}), x);
}

TEST_F(mcp_spec_test, hands_the_arguments_to_the_model) {
  auto x = ask("tools/call", {{"name", "square"}, {"arguments", {{"a", 1}}}});
  ASSERT_NE(x.call(), nullptr);
  EXPECT_EQ(x.call()->model, "square");
  EXPECT_EQ(*x.call()->document, json({{"a", 1}}));
  x = ask("tools/call", {{"name", "square"}});
  EXPECT_EQ(*x.call()->document, json::object());
}

TEST(mcp_spec, sets_the_arguments_that_a_tool_fixes) {
  auto options = two_tools();
  options.tools[0].arguments = {{"stream", false}, {"max_tokens", 8}};
  mcp_spec tested{options};
  auto ex = make_sink<recording_exchange>();
  ex->request.body = R"({"jsonrpc":"2.0","id":1,"method":"tools/call",
    "params":{"name":"square","arguments":{"stream":true,"prompt":"p"}}})";
  ex->request.headers = {{"Content-Type", "application/json"}};
  context ctx{*ex};
  auto x = tested.routes()[0].handler(ex->request, ctx);
  ASSERT_NE(x.call(), nullptr);
  EXPECT_EQ(*x.call()->document,
            json({{"stream", false}, {"max_tokens", 8}, {"prompt", "p"}}));
}

TEST_F(mcp_spec_test, makes_a_result_of_the_answer) {
  auto x = ask("tools/call", {{"name", "square"}});
  auto y = x.call()->encoder->finish(json_reply({{"output", 4}}));
  EXPECT_EQ((*y.body.json())["id"], 1);
  EXPECT_EQ((*y.body.json())["result"]["structuredContent"]["output"], 4);
}

TEST_F(mcp_spec_test, collects_a_stream) {
  auto x = ask("tools/call", {{"name", "square"}});
  EXPECT_FALSE(x.call()->encoder->item(json("a")));
  EXPECT_FALSE(x.call()->encoder->item(json("b")));
  auto y = x.call()->encoder->finish({});
  EXPECT_EQ((*y.body.json())["result"]["content"][0]["text"], "ab");
}

TEST_F(mcp_spec_test, says_where_an_answer_breaks_the_output_schema) {
  auto x = ask("tools/call", {{"name", "strict"}});
  auto y = x.call()->encoder->finish(json_reply({{"output", "four"}}));
  auto& result = (*y.body.json())["result"];
  EXPECT_EQ(result["isError"], true);
  EXPECT_FALSE(result.contains("structuredContent"));
  EXPECT_EQ(result["content"][0]["text"],
            "The tool's answer does not match its output schema: /output: "
            "expected number, got string");
  x = ask("tools/call", {{"name", "strict"}});
  y = x.call()->encoder->finish(json_reply({{"output", 4}}));
  EXPECT_EQ((*y.body.json())["result"]["isError"], false);
}

TEST_F(mcp_spec_test, owes_an_object_where_it_declared_one) {
  auto x = ask("tools/call", {{"name", "strict"}});
  auto y = x.call()->encoder->finish(json_reply("text"));
  EXPECT_EQ((*y.body.json())["result"]["isError"], true);
}

TEST_F(mcp_spec_test, tells_failures_in_the_result) {
  auto x = ask("tools/call", {{"name", "square"}});
  ASSERT_TRUE(x.call()->failed);
  auto y = x.call()->failed(make_failure(errc::deadline_exceeded));
  EXPECT_EQ(y.status, 200);
  const auto& document = *y.body.json();
  EXPECT_EQ(document["id"], 1);
  EXPECT_EQ(document["result"]["isError"], true);
  EXPECT_EQ(document["result"]["content"][0]["text"], "Request timed out");
}

TEST_F(mcp_spec_test, refuses_calls_that_are_wrong) {
  EXPECT_EQ(error("tools/call"), -32602);
  EXPECT_EQ(error("tools/call", {{"name", 1}}), -32602);
  EXPECT_EQ(error("tools/call", {{"name", "cube"}}), -32602);
  EXPECT_EQ(error("tools/call", {{"name", "square"}, {"arguments", 1}}),
            -32602);
  EXPECT_EQ(error("tools/forget"), -32601);
  EXPECT_EQ(error("notifications/initialized"), -32601);
}

TEST_F(mcp_spec_test, answers_400_to_anything_but_a_request) {
  EXPECT_EQ(answer(post("{"), 400)["error"]["code"], -32700);
  EXPECT_EQ(answer(post("[]"), 400)["error"]["code"], -32600);
  EXPECT_EQ(answer(post(R"({"jsonrpc":"2.0","method":"x","params":[]})"),
                   400)["error"]["code"],
            -32602);
}

TEST_F(mcp_spec_test, checks_the_version_header) {
  EXPECT_EQ(refused({{"MCP-Protocol-Version", "2025-06-18"}}), 0);
  EXPECT_EQ(refused({{"mcp-protocol-version", "2025-03-26"}}), 0);
  EXPECT_EQ(refused({{"mcp-protocol-version", "2024-11-05"}}), 400);
  EXPECT_EQ(refused({{"mcp-protocol-version", "2024-10-07"}}), 400);
  EXPECT_EQ(refused({{"MCP-Protocol-Version", ""}}), 400);
}

TEST_F(mcp_spec_test, agrees_on_a_version_whatever_the_header_says) {
  auto x = answer(post(R"({"jsonrpc":"2.0","id":1,"method":"initialize",
                           "params":{"protocolVersion":"2025-06-18"}})",
                       {{"MCP-Protocol-Version", "2099-01-01"}}));
  EXPECT_EQ(x["result"]["protocolVersion"], "2025-06-18");
}

TEST_F(mcp_spec_test, names_the_request_whose_version_header_is_wrong) {
  auto x = answer(post(R"({"jsonrpc":"2.0","id":7,"method":"ping"})",
                       {{"MCP-Protocol-Version", "2099-01-01"}}),
                  400);
  EXPECT_EQ(x["id"], 7);
}

TEST_F(mcp_spec_test, takes_json_only) {
  EXPECT_EQ(refused({{"Content-Type", "application/json; charset=utf-8"}}), 0);
  EXPECT_EQ(refused({{"Content-Type", "text/plain"}}), 415);
}

TEST_F(mcp_spec_test, lets_in_pages_of_this_machine_by_default) {
  EXPECT_EQ(refused({{"Origin", "http://localhost:6274"}}), 0);
  EXPECT_EQ(refused({{"Origin", "http://evil.example:8000"}}), 403);
  EXPECT_EQ(refused({{"Origin", "null"}}), 403);
}

TEST(mcp_spec, lets_in_the_pages_that_it_is_told) {
  auto options = two_tools();
  options.allowed_origins = {"https://chat.example.com"};
  auto allowed = [&](std::string_view origin) {
    mcp_spec s{options};
    request req;
    req.body = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    req.headers = {{"Content-Type", "application/json"}, {"Origin", origin}};
    auto ex = make_sink<recording_exchange>();
    context ctx{*ex};
    try {
      s.routes()[0].handler(req, ctx);
      return true;
    } catch (const http_error&) {
      return false;
    }
  };
  EXPECT_TRUE(allowed("https://chat.example.com"));
  EXPECT_FALSE(allowed("https://chat.example.com.evil.example"));
  EXPECT_FALSE(allowed("http://localhost"));
  options.allowed_origins = {"*"};
  EXPECT_TRUE(allowed("null"));
}

TEST_F(mcp_spec_test, renders_the_fronts_errors_as_json_rpc) {
  auto x = tested.render_error(make_failure(errc::unauthorized));
  EXPECT_EQ(x.status, 401);
  EXPECT_EQ(x.body.json()->dump(),
            R"({"error":{"code":-32600,"message":"Not authenticated"},)"
            R"("id":null,"jsonrpc":"2.0"})");
  x = tested.render_error(make_failure(errc::internal));
  EXPECT_EQ((*x.body.json())["error"]["code"], -32603);
  x = tested.render_error(make_failure(errc::method_not_allowed));
  EXPECT_EQ((*x.body.json())["error"]["code"], -32600);
  failure f = make_failure(errc::overloaded);
  f.detail = json::array({1});
  x = tested.render_error(f);
  EXPECT_EQ((*x.body.json())["error"]["code"], -32603);
  EXPECT_EQ((*x.body.json())["error"]["data"], json::array({1}));
  EXPECT_EQ(x.headers.find("Retry-After"), "1");
}
