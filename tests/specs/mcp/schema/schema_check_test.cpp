#include "troupe/specs/mcp/schema/schema_check.hpp"
#include "troupe/specs/mcp/schema/schema_keywords.hpp"

#include <gtest/gtest.h>

namespace troupe::mcp {

namespace {

using nlohmann::json;

std::string compare(const char* document, const char* schema) {
  auto rules = json::parse(schema);
  EXPECT_EQ(check_keywords(rules), "") << schema;
  return mismatch(json::parse(document), rules);
}

struct example {
  const char* schema;
  const char* good;
  const char* bad;
  const char* why;
};

} // namespace

TEST(schema_check, takes_what_fits_and_names_the_place_of_what_does_not) {
  for (const auto& x : {
         example{R"({"type":"integer"})", "3.0", "3.5",
                 ": expected integer, got number"},
         example{R"({"type":"number"})", "3", R"("3")",
                 ": expected number, got string"},
         example{R"({"type":["string","null"]})", "null", "1",
                 R"(: expected ["string","null"], got number)"},
         example{R"({"enum":["a",1]})", "1", "2",
                 ": expected one of the values of enum"},
         example{R"({"const":{"a":1}})", R"({"a":1})", R"({"a":2})",
                 ": expected the value of const"},
         example{R"({"minimum":0,"exclusiveMaximum":10})", "0", "10",
                 ": expected a number below 10"},
         example{R"({"maximum":9007199254740993})", "9007199254740993",
                 "9007199254740994",
                 ": expected a number of at most 9007199254740993"},
         example{R"({"multipleOf":0.5})", "1.5", "1.2",
                 ": expected a number that is a multiple of 0.5"},
         example{R"({"maxLength":2})", R"("äö")", R"("abc")",
                 ": expected at most 2 characters, got 3"},
         example{R"({"properties":{"x":{"type":"integer"}}})", R"({"x":1})",
                 R"({"x":"1"})", "/x: expected integer, got string"},
         example{R"({"required":["x"]})", R"({"x":1})", "{}", "/x: is missing"},
         example{R"({"properties":{"x":true},"additionalProperties":false})",
                 R"({"x":1})", R"({"y":1})", "/y: nothing is allowed here"},
         example{R"({"items":{"type":"boolean"},"minItems":1})", "[true]", "[]",
                 ": expected at least 1 elements, got 0"},
         example{R"({"prefixItems":[{"type":"string"}],"items":false})",
                 R"(["a"])", R"(["a",1])", "/1: nothing is allowed here"},
         example{R"({"uniqueItems":true})", "[1,2]", "[1,1]",
                 ": expected no element twice"},
         example{R"({"anyOf":[{"type":"null"},{"minimum":5}]})", "5", "4",
                 ": fits none of the schemas of anyOf"},
         example{R"({"oneOf":[{"minimum":5},{"maximum":7}]})", "8", "6",
                 ": expected to fit one of the schemas of oneOf and no other"},
         example{R"({"allOf":[{"minimum":5},{"maximum":7}]})", "6", "8",
                 ": expected a number of at most 7"},
         example{R"({"not":{"type":"string"}})", "1", R"("")",
                 ": fits the schema of not"},
         example{R"({"$defs":{"id":{"type":"string"}},
                     "items":{"$ref":"#/$defs/id"}})",
                 R"(["a"])", "[1]", "/0: expected string, got number"},
       }) {
    EXPECT_EQ(compare(x.good, x.schema), "") << x.schema;
    EXPECT_EQ(compare(x.bad, x.schema), x.why) << x.schema;
  }
}

TEST(schema_check, follows_a_schema_that_refers_to_itself) {
  const auto* tree = R"({"type":"object","properties":{
    "next":{"$ref":"#"},"value":{"type":"integer"}}})";
  EXPECT_EQ(compare(R"({"next":{"next":{"value":1}}})", tree), "");
  EXPECT_EQ(compare(R"({"next":{"next":{"value":"1"}}})", tree),
            "/next/next/value: expected integer, got string");
  EXPECT_NE(mismatch(1, json::parse(R"({"$ref":"#"})")), "") << "ends";
}

TEST(schema_check, ignores_annotations) {
  EXPECT_EQ(compare("1", R"({"title":"t","format":"date","default":2})"), "");
}

} // namespace troupe::mcp
