#include "troupe/specs/mcp/mcp_options.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;

namespace {

mcp_tool tool(std::string model) {
  mcp_tool result;
  result.model = std::move(model);
  result.description = "Does it.";
  result.input_schema = {{"type", "object"}};
  return result;
}

mcp_options with(std::vector<mcp_tool> tools) {
  mcp_options result;
  result.tools = std::move(tools);
  return result;
}

/// What is wrong with one tool after a change, without `tools.0.`.
template <class F>
std::string wrong_after(F&& change) {
  auto x = tool("m");
  change(x);
  auto why = with({x}).validate();
  if (!why.starts_with("tools.0."))
    return why;
  return why.substr(8, why.find(':') - 8);
}

} // namespace

TEST(mcp_options, are_fine_with_one_tool) {
  EXPECT_EQ(with({tool("m")}).validate(), "");
  EXPECT_EQ(tool("m").effective_name(), "m");
}

TEST(mcp_options, need_a_tool_a_name_a_version_and_a_path) {
  EXPECT_TRUE(with({}).validate().starts_with("tools: "));
  auto x = with({tool("m")});
  x.name.clear();
  EXPECT_TRUE(x.validate().starts_with("name: "));
  x = with({tool("m")});
  x.version.clear();
  EXPECT_TRUE(x.validate().starts_with("version: "));
  x = with({tool("m")});
  x.path = "mcp";
  EXPECT_TRUE(x.validate().starts_with("path: "));
  x = with({tool("m")});
  x.max_stream_bytes = 0;
  EXPECT_TRUE(x.validate().starts_with("max_stream_bytes: "));
}

TEST(mcp_options, want_origins_that_a_browser_may_send) {
  auto x = with({tool("m")});
  x.allowed_origins = {"*", "null", "https://a.example", "http://[::1]:80"};
  EXPECT_EQ(x.validate(), "");
  for (const auto* bad : {"a.example", "https://a.example/", "://a", "http://",
                          "", "https://a.example/x"}) {
    x.allowed_origins = {"*", bad};
    EXPECT_TRUE(x.validate().starts_with("allowed_origins.1: ")) << bad;
  }
}

TEST(mcp_options, name_the_key_of_a_tool_that_is_wrong) {
  EXPECT_EQ(wrong_after([](auto& x) { x.model.clear(); }), "model");
  EXPECT_EQ(wrong_after([](auto& x) { x.description.clear(); }), "description");
  EXPECT_EQ(wrong_after([](auto& x) { x.input_schema = nullptr; }),
            "input_schema");
  EXPECT_EQ(wrong_after([](auto& x) { x.input_schema = json::object(); }),
            "input_schema");
  EXPECT_EQ(wrong_after([](auto& x) { x.input_schema["type"] = "array"; }),
            "input_schema");
  EXPECT_EQ(wrong_after([](auto& x) { x.input_schema["properties"] = 1; }),
            "input_schema.properties");
  EXPECT_EQ(wrong_after([](auto& x) { x.input_schema["required"] = {1}; }),
            "input_schema.required");
  EXPECT_EQ(wrong_after([](auto& x) {
              x.output_schema = {{"type", "string"}};
            }),
            "output_schema");
}

TEST(mcp_options, take_tool_names_by_the_protocols_rules) {
  auto named = [](std::string name) {
    return wrong_after([&](auto& x) { x.name = name; });
  };
  EXPECT_EQ(named("admin.tools_list-2"), "");
  EXPECT_EQ(named(std::string(128, 'a')), "");
  EXPECT_EQ(named(std::string(129, 'a')), "name");
  EXPECT_EQ(named("a b"), "name");
  EXPECT_EQ(named("a/b"), "name");
  EXPECT_EQ(named("\xc3\xa4"), "name");
  EXPECT_EQ(wrong_after([](auto& x) { x.model = "a b"; }), "model");
}

TEST(mcp_options, need_one_name_for_each_tool) {
  auto b = tool("b");
  b.name = "a";
  EXPECT_EQ(with({tool("a"), b}).validate(),
            "tools.1.name: the tool name \"a\" is taken by tools.0; give one "
            "of them a \"name\"");
  EXPECT_TRUE(
    with({tool("a"), tool("a")}).validate().starts_with("tools.1.model: "));
  auto other = tool("a");
  other.name = "other";
  EXPECT_EQ(with({tool("a"), other}).validate(), "");
}

TEST(mcp_options, want_fixed_arguments_that_callers_are_not_asked_for) {
  EXPECT_EQ(wrong_after([](auto& x) {
              x.arguments = {{"stream", false}};
            }),
            "");
  EXPECT_EQ(wrong_after([](auto& x) { x.arguments = 1; }), "arguments");
  EXPECT_EQ(wrong_after([](auto& x) { x.arguments = json::array(); }),
            "arguments");
  EXPECT_EQ(wrong_after([](auto& x) {
              x.arguments = {{"stream", false}};
              x.input_schema["properties"] = {{"stream", json::object()}};
            }),
            "arguments.stream");
  EXPECT_EQ(wrong_after([](auto& x) {
              x.arguments = {{"stream", false}};
              x.input_schema["required"] = {"prompt", "stream"};
            }),
            "arguments.stream");
}

TEST(mcp_options, want_headers_of_arguments_that_a_client_can_send) {
  auto marked = [](const char* type) {
    return [type](auto& x) {
      x.input_schema["properties"]["a"] = {{"type", type},
                                           {"x-mcp-header", "A"}};
    };
  };
  EXPECT_EQ(wrong_after(marked("string")), "");
  EXPECT_EQ(wrong_after(marked("number")),
            "input_schema.properties.a.x-mcp-header");
}
