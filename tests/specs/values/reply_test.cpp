#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/reply.hpp"
#include "troupe/tests/support/temp_dir.hpp"

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

TEST(payload, text_that_is_not_utf8_is_replaced_in_a_document) {
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

TEST(payload, json_that_is_written_already_goes_out_as_it_is) {
  payload x{payload::json_text{"[1]"}};
  EXPECT_FALSE(x.empty());
  EXPECT_TRUE(x.is_json());
  EXPECT_EQ(x.json(), nullptr);
  EXPECT_EQ(x.raw(), nullptr);
  EXPECT_EQ(x.content_type(), "application/json");
  EXPECT_EQ(std::move(x).take_text(), "[1]");
  EXPECT_TRUE(payload{nlohmann::json{}}.is_json());
  EXPECT_FALSE(payload("[1]", "application/json").is_json());
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

TEST(reply, is_made_from_a_file_that_is_open_from_then_on) {
  temp_dir dir;
  auto path = dir.write("a.wav", "sound");
  auto x = file_reply(path, "audio/wav");
  std::filesystem::remove(path);
  EXPECT_EQ(x.status, 200);
  EXPECT_TRUE(x.headers.empty());
  EXPECT_EQ(x.body.content_type(), "audio/wav");
  EXPECT_FALSE(x.body.empty());
  EXPECT_EQ(x.body.raw(), nullptr);
  ASSERT_NE(x.body.from_file(), nullptr);
  EXPECT_EQ(x.body.from_file()->source->size(), 5U);
  EXPECT_EQ(std::move(x.body).take_text(), "sound");
  EXPECT_THROW((void)file_reply(path), http_error);
  EXPECT_EQ(file_reply(dir.write("b", "")).body.content_type(),
            "application/octet-stream");
}

TEST(reply, names_a_file_for_the_browser_that_saves_it) {
  temp_dir dir;
  auto path = dir.write("a", "x");
  auto header = [&](std::string_view name) {
    auto x = file_reply(path, "text/plain", name);
    return std::string{x.headers.find("Content-Disposition").value_or("")};
  };
  EXPECT_EQ(header("report.txt"), "attachment; filename=\"report.txt\"");
  EXPECT_EQ(header("a b.txt"), "attachment; filename=\"a b.txt\"");
  EXPECT_EQ(header("../a\\b"), "attachment; filename=\".._a_b\"");
  EXPECT_EQ(header("a\"b\r\n"),
            "attachment; filename=\"a_b__\"; filename*=UTF-8''a%22b%0D%0A");
  EXPECT_EQ(header("\xC3\xA9.txt"),
            "attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%A9.txt");
}

TEST(payload, of_a_file_that_shrank_is_an_error) {
  temp_dir dir;
  auto path = dir.write("a", "hello");
  auto x = file_reply(path);
  std::filesystem::resize_file(path, 1);
  EXPECT_THROW((void)std::move(x.body).take_text(), std::runtime_error);
}
