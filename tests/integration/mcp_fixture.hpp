#pragma once

#include "troupe/tests/integration/served.hpp"

#include <string>
#include <utility>
#include <vector>

/// What the tests of MCP share.
namespace troupe {

/// One tool for each model.
inline std::string mcp_config(const std::string& models,
                              const std::vector<std::string>& tools,
                              const std::string& server = "") {
  auto list = json::array();
  for (const auto& x : tools)
    list.push_back({{"model", x},
                    {"description", "The model " + x + "."},
                    {"input_schema", {{"type", "object"}}}});
  json options{{"name", "test"}, {"tools", list}};
  return "{" + server + R"("models": [)" + models
         + R"(], "specs": [{"type": "mcp", "options": )" + options.dump()
         + "}]}";
}

inline const std::string square_model =
  R"({"name": "square", "type": "square"})";

inline header_list json_headers(header_list more = {}) {
  more.emplace_back("Content-Type", "application/json");
  more.emplace_back("Accept", "application/json, text/event-stream");
  return more;
}

inline std::string rpc_message(const std::string& method,
                               const json& params = nullptr,
                               const json& id = 1) {
  json result{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!params.is_null())
    result["params"] = params;
  return result.dump();
}

inline std::string tool_call(const std::string& tool, const json& arguments,
                             const json& id = 1) {
  return rpc_message("tools/call", {{"name", tool}, {"arguments", arguments}},
                     id);
}

inline http_response ask_mcp(const served& server, const std::string& body,
                             header_list more = {}) {
  return server.post("/mcp", body, json_headers(std::move(more)));
}

/// The text of a tool's error; "" when it is none.
inline std::string tool_error(const http_response& x) {
  EXPECT_EQ(x.status, 200) << x.body;
  auto result = json_of(x)["result"];
  if (!result.is_object() || result["isError"] != true)
    return {};
  return result["content"][0]["text"];
}

} // namespace troupe
