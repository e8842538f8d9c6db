#include "troupe/http/wire/wire_reply.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(wire_reply, has_the_text_of_a_document) {
  auto x = to_wire(json_reply({{"a", 1}}, 201));
  EXPECT_EQ(x.status, 201);
  EXPECT_EQ(x.content_type, "application/json");
  EXPECT_EQ(x.body, R"({"a":1})");
  EXPECT_EQ(x.file, nullptr);
}

TEST(wire_reply, keeps_bytes_and_fields_as_they_are) {
  auto answer = text_reply("hello", 404, "text/plain");
  answer.headers.add("X-A", "b");
  auto x = to_wire(std::move(answer));
  EXPECT_EQ(x.status, 404);
  EXPECT_EQ(x.content_type, "text/plain");
  EXPECT_EQ(x.body, "hello");
  EXPECT_EQ(x.headers.find("X-A"), "b");
}

TEST(wire_reply, has_no_body_where_there_is_none) {
  auto x = to_wire(reply{204, {}, {}});
  EXPECT_EQ(x.status, 204);
  EXPECT_EQ(x.body, "");
}

} // namespace

} // namespace troupe
