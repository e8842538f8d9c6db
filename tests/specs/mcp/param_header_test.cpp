#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/mcp/param_header.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::mcp;
using nlohmann::json;

namespace {

/// What is wrong with a schema, or "".
std::string wrong(std::string_view schema) {
  std::vector<param_header> out;
  return find_param_headers(json::parse(schema), out);
}

const auto* const query_schema = R"({"type": "object", "properties": {
  "region": {"type": "string", "x-mcp-header": "Region"},
  "page": {"type": "object", "properties": {
    "size": {"type": "integer", "x-mcp-header": "Page-Size"}}},
  "dry": {"type": "boolean", "x-mcp-header": "Dry"},
  "query": {"type": "string"}}})";

/// Whether a call with these arguments and headers is refused.
bool refused(std::string_view arguments, const header_map& headers) {
  std::vector<param_header> found;
  EXPECT_EQ(find_param_headers(json::parse(query_schema), found), "");
  try {
    check_param_headers(found, json::parse(arguments), headers, 7);
  } catch (const rpc_error& e) {
    EXPECT_EQ(e.code(), -32020);
    EXPECT_EQ(e.effective_status(), 400);
    EXPECT_EQ(e.id(), 7);
    return true;
  }
  return false;
}

} // namespace

TEST(find_param_headers, finds_properties_however_deep) {
  std::vector<param_header> out;
  EXPECT_EQ(find_param_headers(json::parse(query_schema), out), "");
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].name, "Mcp-Param-Dry");
  EXPECT_EQ(out[1].name, "Mcp-Param-Page-Size");
  EXPECT_EQ(out[1].path, (std::vector<std::string>{"page", "size"}));
}

TEST(find_param_headers, leaves_names_and_values_that_look_so) {
  EXPECT_EQ(wrong(R"({"properties": {"x-mcp-header": {"type": "string"}}})"),
            "");
  EXPECT_EQ(wrong(R"({"default": {"x-mcp-header": "X"},
                      "enum": [{"x-mcp-header": "X"}]})"),
            "");
}

TEST(find_param_headers, refuses_malformed_names) {
  for (const auto* name : {R"("")", R"("a b")", R"("a:")", R"("a\r\n")", "1"})
    EXPECT_EQ(wrong(R"({"properties": {"a": {"type": "string",
                        "x-mcp-header": )"
                    + std::string{name} + "}}}"),
              ".properties.a.x-mcp-header: expected the rest of a header's "
              "name, a token")
      << name;
  EXPECT_EQ(wrong(R"({"properties": {
              "a": {"type": "string", "x-mcp-header": "X"},
              "b": {"type": "string", "x-mcp-header": "x"}}})"),
            ".properties.b.x-mcp-header: the header Mcp-Param-x is taken");
}

TEST(find_param_headers, refuses_types_that_fit_into_no_header) {
  for (const auto* type :
       {R"("number")", R"("object")", R"("array")", R"(["string", "null"])"})
    EXPECT_EQ(wrong(R"({"properties": {"a": {"x-mcp-header": "A", "type": )"
                    + std::string{type} + "}}}"),
              ".properties.a.x-mcp-header: expected a property of type string, "
              "integer or boolean")
      << type;
  EXPECT_NE(wrong(R"({"properties": {"a": {"x-mcp-header": "A"}}})"), "");
}

TEST(find_param_headers, refuses_what_is_not_reached_by_names_alone) {
  const std::string here = R"({"type": "string", "x-mcp-header": "A"})";
  for (const auto& schema :
       {here, R"({"properties": {"a": {"items": )" + here + "}}}",
        R"({"anyOf": [{"properties": {"a": )" + here + "}}]}",
        R"({"if": {"properties": {"a": )" + here + "}}}",
        R"({"$defs": {"a": )" + here + "}}",
        R"({"patternProperties": {"a": )" + here + "}}",
        R"({"additionalProperties": )" + here + "}"})
    EXPECT_NE(wrong(schema).find("expected it in a property"),
              std::string::npos)
      << schema;
}

TEST(check_param_headers, wants_what_the_arguments_say) {
  EXPECT_FALSE(refused(R"({"query": "q"})", {}));
  EXPECT_FALSE(refused(R"({"region": "us"})", {{"mcp-param-region", "us"}}));
  EXPECT_FALSE(
    refused(R"({"region": " é"})", {{"Mcp-Param-Region", "=?base64?IMOp?="}}));
  EXPECT_FALSE(refused(R"({"dry": true})", {{"Mcp-Param-Dry", "true"}}));
  for (const auto* number : {"42", "42.0", "4.2e1"})
    EXPECT_FALSE(
      refused(R"({"page": {"size": 42}})", {{"Mcp-Param-Page-Size", number}}))
      << number;
  EXPECT_FALSE(
    refused(R"({"page": {"size": -7}})", {{"Mcp-Param-Page-Size", "-7"}}));
}

TEST(check_param_headers, refuses_other_values) {
  EXPECT_TRUE(refused(R"({"region": "us"})", {{"Mcp-Param-Region", "eu"}}));
  EXPECT_TRUE(refused(R"({"region": "us"})", {{"Mcp-Param-Region", "US"}}));
  EXPECT_TRUE(refused(R"({"region": "us"})", {}));
  EXPECT_TRUE(refused(R"({"region": "us"})", {{"Mcp-Param-Region", "us"},
                                              {"Mcp-Param-Region", "us"}}));
  EXPECT_TRUE(refused(R"({"region": "é"})", {{"Mcp-Param-Region", "é"}}));
  EXPECT_TRUE(refused(R"({"dry": true})", {{"Mcp-Param-Dry", "True"}}));
  for (const auto* number : {"41", "42x", "", " 42", "0x2a"})
    EXPECT_TRUE(
      refused(R"({"page": {"size": 42}})", {{"Mcp-Param-Page-Size", number}}))
      << number;
}

TEST(check_param_headers, wants_none_where_there_is_no_argument) {
  EXPECT_FALSE(refused(R"({"region": null, "page": 1})", {}));
  EXPECT_FALSE(refused(R"({"region": ["a"]})", {}))
    << "which is for the model to refuse";
  for (const auto* arguments :
       {"{}", R"({"region": null})", R"({"region": ["us"]})"})
    EXPECT_TRUE(refused(arguments, {{"Mcp-Param-Region", "us"}})) << arguments;
}
