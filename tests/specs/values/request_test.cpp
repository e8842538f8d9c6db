#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/request.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

request with_target(std::string target) {
  request result;
  result.target = std::move(target);
  return result;
}

request with_type(std::string_view content_type) {
  request result;
  result.headers.add("content-type", content_type);
  return result;
}

} // namespace

TEST(request, query_is_what_follows_the_question_mark) {
  EXPECT_EQ(with_target("/a?b=c?d").query(), "b=c?d");
  EXPECT_EQ(with_target("/a?b#c").query(), "b");
  EXPECT_EQ(with_target("/a?").query(), "");
  EXPECT_EQ(with_target("/a").query(), "");
}

TEST(request, query_parameters_are_decoded) {
  auto x = with_target("/a?x%79=1+2%2B3&empty&none=&x=last=1&xy=again");
  EXPECT_EQ(x.query_param("xy"), "1 2+3");
  EXPECT_EQ(x.query_param("empty"), "");
  EXPECT_EQ(x.query_param("none"), "");
  EXPECT_EQ(x.query_param("x"), "last=1");
  EXPECT_EQ(x.query_param("y"), std::nullopt);
  EXPECT_EQ(with_target("/a").query_param(""), std::nullopt);
}

TEST(request, path_parameters_are_found_by_name) {
  request x;
  x.params = {{"model", "m"}, {"version", "3"}};
  EXPECT_EQ(x.param("version"), "3");
  EXPECT_EQ(x.param("Version"), "");
}

TEST(request, header_gives_the_first_value_or_nothing) {
  request x;
  x.headers = {{"X-A", "1"}, {"x-a", "2"}};
  EXPECT_EQ(x.header("X-a"), "1");
  EXPECT_EQ(x.header("X-B"), "");
}

TEST(request, content_type_is_the_media_type_in_lower_case) {
  EXPECT_EQ(with_type("Application/JSON; charset=UTF-8").content_type(),
            "application/json");
  EXPECT_EQ(with_type("text/plain \t;q=1").content_type(), "text/plain");
  EXPECT_EQ(with_type("image/png").content_type(), "image/png");
  EXPECT_EQ(request{}.content_type(), "");
}

TEST(request, json_prefers_the_document_over_the_body) {
  request x;
  x.body = "[1]";
  EXPECT_EQ(x.json().dump(), "[1]");
  x.document = std::make_shared<const nlohmann::json>(2);
  EXPECT_EQ(x.json().dump(), "2");
}

TEST(request, a_body_that_is_not_json_is_a_syntax_error) {
  request x;
  EXPECT_THROW(static_cast<void>(x.json()), json_syntax_error);
  x.body = "{1}";
  EXPECT_THROW(static_cast<void>(x.json()), json_syntax_error);
}

TEST(request, has_its_bytes_in_memory_or_spooled) {
  request x;
  EXPECT_EQ(x.bytes(), "");
  x.body = "[1]";
  EXPECT_EQ(x.bytes(), "[1]");
  x.body.clear();
  x.spooled = shared_bytes{std::string{"[2]"}};
  EXPECT_EQ(x.bytes(), "[2]");
  EXPECT_EQ(dump_json(x.json()), "[2]");
}
