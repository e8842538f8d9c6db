#include "troupe/specs/body.hpp"
#include "troupe/specs/error.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

request with_type(std::string type, std::string body) {
  request result;
  if (!type.empty())
    result.headers.add("Content-Type", std::move(type));
  result.body = std::move(body);
  return result;
}

int status_of_json(std::string type, std::string body) {
  try {
    (void)read_body<nlohmann::json>(
      with_type(std::move(type), std::move(body)));
    return 200;
  } catch (const http_error& e) {
    return e.why().effective_status();
  }
}

} // namespace

TEST(body, is_parsed_as_json_unless_its_type_says_otherwise) {
  for (auto type :
       {"", "application/json", "application/json; charset=utf-8",
        "application/ld+json", "text/plain", "application/octet-stream",
        "application/x-www-form-urlencoded"})
    EXPECT_EQ(status_of_json(type, " {\"a\":1}"), 200) << type;
}

TEST(body, of_another_kind_is_415) {
  EXPECT_EQ(status_of_json("application/x-www-form-urlencoded", "a=1"), 415);
  EXPECT_EQ(status_of_json("application/x-www-form-urlencoded", ""), 415);
  EXPECT_EQ(status_of_json("multipart/form-data; boundary=X", "--X--"), 415);
  for (auto type : {"image/png", "audio/wav", "Video/MP4"})
    EXPECT_EQ(status_of_json(type, "{}"), 415) << type;
}

TEST(body, becomes_what_the_hook_takes) {
  EXPECT_EQ(read_body<double>(with_type("", "4.5")), 4.5);
  EXPECT_EQ(
    read_body<form>(with_type("application/x-www-form-urlencoded", "a=1"))
      .at("a"),
    "1");
  auto raw = read_body<raw_body>(with_type("Image/PNG; q=1", "bytes"));
  EXPECT_EQ(raw.bytes, "bytes");
  EXPECT_EQ(raw.content_type, "image/png");
}
