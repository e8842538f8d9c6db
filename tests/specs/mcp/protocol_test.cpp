#include "troupe/specs/mcp/protocol.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::mcp;
using nlohmann::json;

namespace {

json modern_meta(const json& version = "2026-07-28") {
  return {{"io.modelcontextprotocol/protocolVersion", version},
          {"io.modelcontextprotocol/clientCapabilities", json::object()}};
}

message asking(std::string method, json params = json::object()) {
  return {.kind = message_kind::request,
          .id = 7,
          .method = std::move(method),
          .params = std::move(params)};
}

header_map version(std::string_view x) {
  return {{"MCP-Protocol-Version", x}};
}

/// `legacy`, `modern`, or the error's code and status.
std::string era_name(const message& msg, const header_map& headers) {
  try {
    return era_of(msg, headers) == era::modern ? "modern" : "legacy";
  } catch (const rpc_error& e) {
    EXPECT_EQ(e.id(), msg.id);
    return std::to_string(e.code()) + ' '
           + std::to_string(e.effective_status());
  }
}

/// Of a request with this `_meta`.
std::string era_with(const json& meta, const header_map& headers) {
  return era_name(asking("tools/list", {{"_meta", meta}}), headers);
}

} // namespace

TEST(era_of, is_legacy_without_a_version_of_its_own) {
  EXPECT_EQ(era_name(asking("tools/list"), {}), "legacy");
  for (const auto* x : {"2025-11-25", "2025-06-18", "2025-03-26"})
    EXPECT_EQ(era_name(asking("tools/list"), version(x)), "legacy") << x;
  EXPECT_EQ(era_with({{"progressToken", 1}}, {}), "legacy");
  EXPECT_EQ(era_with("not an object", {}), "legacy");
}

TEST(era_of, is_modern_when_header_and_body_say_so) {
  EXPECT_EQ(era_with(modern_meta(), version("2026-07-28")), "modern");
  auto meta = modern_meta();
  meta["io.modelcontextprotocol/clientInfo"] = {{"name", "c"},
                                                {"version", "1"}};
  EXPECT_EQ(era_with(meta, version("2026-07-28")), "modern");
}

TEST(era_of, takes_an_initialize_whatever_the_header_says) {
  for (const auto* x : {"2026-07-28", "2025-11-25", "2099-01-01", ""})
    EXPECT_EQ(era_name(asking("initialize"), version(x)), "legacy") << x;
  EXPECT_EQ(era_name(asking("initialize", {{"_meta", modern_meta()}}),
                     version("2026-07-28")),
            "modern");
}

TEST(era_of, wants_header_and_body_to_agree) {
  EXPECT_EQ(era_with(modern_meta(), {}), "-32020 400");
  EXPECT_EQ(era_with(modern_meta(), version("2025-11-25")), "-32020 400");
  EXPECT_EQ(era_with(modern_meta("2025-11-25"), version("2026-07-28")),
            "-32020 400");
  EXPECT_EQ(era_with(modern_meta(), {{"MCP-Protocol-Version", "2026-07-28"},
                                     {"MCP-Protocol-Version", "2026-07-28"}}),
            "-32020 400");
  EXPECT_EQ(era_with(modern_meta("2025-11-25"), version("2025-11-25")),
            "legacy");
  EXPECT_EQ(era_with(modern_meta("2025-11-25"), {}), "legacy");
}

TEST(era_of, refuses_a_modern_request_that_lacks_what_all_have) {
  const auto header = version("2026-07-28");
  EXPECT_EQ(era_name(asking("tools/list"), header), "-32602 400");
  EXPECT_EQ(era_with(json::object(), header), "-32602 400");
  EXPECT_EQ(era_with(1, header), "-32602 400");
  EXPECT_EQ(era_with(modern_meta(1), header), "-32602 400");
  auto meta = modern_meta();
  meta.erase("io.modelcontextprotocol/clientCapabilities");
  EXPECT_EQ(era_with(meta, header), "-32602 400");
  meta["io.modelcontextprotocol/clientCapabilities"] = 1;
  EXPECT_EQ(era_with(meta, header), "-32602 400");
  meta = modern_meta();
  meta["io.modelcontextprotocol/clientInfo"] = "me";
  EXPECT_EQ(era_with(meta, header), "-32602 400");
}

TEST(era_of, names_the_versions_that_are_served) {
  EXPECT_EQ(era_name(asking("tools/list"), version("1900-01-01")),
            "-32022 400");
  // What else the version has in `_meta` is not known.
  try {
    era_of(
      asking("x",
             {{"_meta",
               {{"io.modelcontextprotocol/protocolVersion", "1900-01-01"}}}}),
      version("1900-01-01"));
    FAIL();
  } catch (const rpc_error& e) {
    EXPECT_EQ(e.code(), -32022);
    EXPECT_EQ(e.effective_status(), 400);
    EXPECT_EQ(e.id(), 7);
    EXPECT_EQ(e.data(), json::parse(R"({"requested": "1900-01-01",
      "supported": ["2026-07-28", "2025-11-25", "2025-06-18",
                    "2025-03-26"]})"));
  }
}

TEST(era_of, asks_less_of_what_wants_no_answer) {
  message note{.kind = message_kind::notification,
               .method = "notifications/cancelled"};
  EXPECT_EQ(era_name(note, {}), "legacy");
  EXPECT_EQ(era_name(note, version("2025-06-18")), "legacy");
  EXPECT_EQ(era_name(note, version("2026-07-28")), "modern");
  EXPECT_EQ(era_name(note, version("2099-01-01")), "-32022 400");
  message answer{.kind = message_kind::response};
  EXPECT_EQ(era_name(answer, version("2025-06-18")), "legacy");
  EXPECT_EQ(era_name(answer, version("2026-07-28")), "-32600 400");
}

TEST(agreed_version, is_one_of_the_legacy_era) {
  EXPECT_EQ(agreed_version("2025-03-26"), "2025-03-26");
  EXPECT_EQ(agreed_version("2024-11-05"), "2025-11-25")
    << "its transport is another one";
  EXPECT_EQ(agreed_version("2026-07-28"), "2025-11-25");
  EXPECT_EQ(agreed_version(""), "2025-11-25");
}

TEST(check_standard_headers, wants_the_method_and_the_tool) {
  auto refused = [](const message& msg, const header_map& headers) {
    try {
      check_standard_headers(msg, headers);
      return false;
    } catch (const rpc_error& e) {
      EXPECT_EQ(e.code(), -32020);
      EXPECT_EQ(e.effective_status(), 400);
      return true;
    }
  };
  EXPECT_FALSE(refused(asking("tools/list"), {{"mcp-method", "tools/list"}}));
  EXPECT_TRUE(refused(asking("tools/list"), {}));
  EXPECT_TRUE(refused(asking("tools/list"), {{"Mcp-Method", "Tools/list"}}));
  auto call = asking("tools/call", {{"name", "square"}});
  EXPECT_FALSE(
    refused(call, {{"Mcp-Method", "tools/call"}, {"Mcp-Name", "square"}}));
  EXPECT_FALSE(refused(
    call, {{"Mcp-Method", "tools/call"}, {"Mcp-Name", "=?base64?c3F1YXJl?="}}));
  EXPECT_TRUE(refused(call, {{"Mcp-Method", "tools/call"}}));
  EXPECT_TRUE(
    refused(call, {{"Mcp-Method", "tools/call"}, {"Mcp-Name", "cube"}}));
}

TEST(complete_result, keeps_the_meta_that_is_there) {
  EXPECT_EQ(complete_result({{"_meta", {{"a", 1}}}}, {{"name", "s"}}),
            json::parse(R"({"resultType": "complete", "_meta": {"a": 1,
              "io.modelcontextprotocol/serverInfo": {"name": "s"}}})"));
}
