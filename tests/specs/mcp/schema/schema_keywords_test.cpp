#include "troupe/specs/mcp/schema/schema_keywords.hpp"

#include <gtest/gtest.h>

namespace troupe::mcp {

using nlohmann::json;

TEST(schema_keywords, names_what_it_would_not_obey) {
  auto why = [](const char* schema) {
    return check_keywords(json::parse(schema));
  };
  EXPECT_EQ(why(R"({"properties":{"x":{"pattern":"^a"}}})"),
            ".properties.x.pattern: this keyword is not checked; leave it out, "
            "or say the same with others");
  EXPECT_EQ(why(R"({"type":"text"})"),
            ".type: expected the name of a JSON type, or several");
  EXPECT_EQ(why(R"({"minLength":-1})"),
            ".minLength: expected a whole number from 0");
  EXPECT_EQ(why(R"({"anyOf":[{"$ref":"http://x/y"}]})"),
            ".anyOf.0.$ref: expected a reference to a part of this schema, "
            "e.g. #/$defs/x");
  EXPECT_EQ(why(R"({"items":3})"),
            ".items: expected a schema, an object or true or false");
  EXPECT_EQ(why(R"({"$defs":{"x":{"if":true}}})"),
            ".$defs.x.if: this keyword is not checked; leave it out, or say "
            "the same with others");
}

} // namespace troupe::mcp
