#include "troupe/specs/reply.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(payload, is_empty_at_first) {
  payload x;
  EXPECT_TRUE(x.empty());
  EXPECT_EQ(x.json(), nullptr);
  EXPECT_EQ(x.raw(), nullptr);
  EXPECT_EQ(x.content_type(), "");
  EXPECT_EQ(std::move(x).take_text(), "");
}

TEST(payload, a_document_is_serialised_compactly) {
  payload x{nlohmann::json::parse(R"({"b": [1, 2], "a": null})")};
  EXPECT_FALSE(x.empty());
  ASSERT_NE(x.json(), nullptr);
  EXPECT_EQ(x.raw(), nullptr);
  EXPECT_EQ(x.content_type(), "application/json");
  EXPECT_EQ(std::move(x).take_text(), R"({"a":null,"b":[1,2]})");
}

TEST(payload, a_null_document_is_not_empty) {
  payload x{nlohmann::json(nullptr)};
  EXPECT_FALSE(x.empty());
  EXPECT_EQ(std::move(x).take_text(), "null");
}

TEST(payload, text_that_is_no_utf8_is_replaced_in_a_document) {
  payload x{nlohmann::json("a\xFFz")};
  EXPECT_EQ(std::move(x).take_text(), "\"a\xEF\xBF\xBDz\"");
}

TEST(payload, bytes_go_out_as_they_are) {
  payload x{std::string{"\xFF\0z", 3}, "image/png"};
  EXPECT_EQ(x.json(), nullptr);
  ASSERT_NE(x.raw(), nullptr);
  EXPECT_EQ(x.content_type(), "image/png");
  EXPECT_EQ(std::move(x).take_text(), std::string("\xFF\0z", 3));
}

TEST(payload, the_document_can_be_changed_in_place) {
  payload x{nlohmann::json(1)};
  *x.json() = 2;
  EXPECT_EQ(std::move(x).take_text(), "2");
}

TEST(reply, is_200_and_empty_at_first) {
  reply x;
  EXPECT_EQ(x.status, 200);
  EXPECT_TRUE(x.headers.empty());
  EXPECT_TRUE(x.body.empty());
}

TEST(reply, is_made_from_text) {
  auto x = text_reply("pong");
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.body.content_type(), "text/plain; charset=utf-8");
  EXPECT_EQ(std::move(x.body).take_text(), "pong");
  x = text_reply("<p>", 404, "text/html");
  EXPECT_EQ(x.status, 404);
  EXPECT_EQ(x.body.content_type(), "text/html");
}

TEST(reply, is_made_from_a_document) {
  auto x = json_reply({{"id", 7}}, 201);
  EXPECT_EQ(x.status, 201);
  EXPECT_EQ(std::move(x.body).take_text(), R"({"id":7})");
}
