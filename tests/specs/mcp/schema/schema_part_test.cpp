#include "troupe/specs/mcp/schema/schema_part.hpp"

#include <gtest/gtest.h>

namespace troupe::mcp {

using nlohmann::json;

TEST(schema_part, finds_what_a_reference_means_in_the_document) {
  auto root = json::parse(R"({"$defs":{"a/b":{"type":"string"}}})");
  const auto* found = resolve(root, "#/$defs/a~1b");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, root["$defs"]["a/b"]);
  EXPECT_EQ(resolve(root, "#"), &root);
  for (const auto* nothing : {"#/$defs/x", "http://x/y", "", "#x"})
    EXPECT_EQ(resolve(root, nothing), nullptr) << nothing;
}

TEST(schema_part, puts_a_member_before_what_is_wrong_in_it) {
  EXPECT_EQ(within_member('/', "x", ": is missing"), "/x: is missing");
}

} // namespace troupe::mcp
