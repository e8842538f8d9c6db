#include "troupe/specs/input/body.hpp"
#include "troupe/specs/values/error.hpp"

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

struct square_in {
  double input = 0;
};
TROUPE_FIELDS(square_in, input)

/// The refusal of a body that a hook would get as a `T`.
template <class T>
failure refusal(std::string type, std::string body) {
  try {
    (void)read_body<T>(with_type(std::move(type), std::move(body)));
  } catch (...) {
    std::string log_text;
    return failure_from_current_exception(log_text);
  }
  failure none;
  none.status = 200;
  return none;
}

int status_of_json(std::string type, std::string body) {
  return refusal<nlohmann::json>(std::move(type), std::move(body))
    .effective_status();
}

constexpr auto urlencoded = "application/x-www-form-urlencoded";

} // namespace

TEST(body, is_parsed_as_json_when_its_type_says_so_or_nothing) {
  for (auto type : {"", "application/json", "application/json; charset=utf-8",
                    "Application/JSON ;charset=utf-8", "application/ld+json",
                    "application/vnd.api+json; v=1", "text/json", "text/plain",
                    "text/plain;charset=UTF-8", urlencoded})
    EXPECT_EQ(status_of_json(type, " {\"a\":1}"), 200) << type;
}

TEST(body, of_another_kind_is_415) {
  EXPECT_EQ(status_of_json(urlencoded, "a=1"), 415);
  EXPECT_EQ(status_of_json(urlencoded, ""), 415);
  EXPECT_EQ(status_of_json("multipart/form-data; boundary=X", "--X--"), 415);
  for (auto type :
       {"image/png", "audio/wav", "Video/MP4", "application/octet-stream",
        "application/xml", "text/html", "application/jsonx", "json"})
    EXPECT_EQ(status_of_json(type, "{}"), 415) << type;
}

TEST(body, of_another_kind_is_told_what_is_accepted) {
  auto why = refusal<nlohmann::json>("application/xml; q=1", "<a/>");
  EXPECT_EQ(why.detail, "expected application/json, got application/xml");
  EXPECT_EQ(why.headers.find("Accept"), "application/json");
  why = refusal<square_in>("application/xml", "<a/>");
  EXPECT_EQ(why.detail,
            "expected application/json or a form, got application/xml");
  EXPECT_EQ(why.headers.find("Accept"),
            "application/json, multipart/form-data, "
            "application/x-www-form-urlencoded");
}

TEST(body, of_a_form_becomes_a_struct) {
  EXPECT_EQ(read_body<square_in>(with_type(urlencoded, "input=4.0")).input, 4);
  EXPECT_EQ(
    read_body<square_in>(with_type("multipart/form-data; boundary=X",
                                   "--X\r\nContent-Disposition: form-data; "
                                   "name=\"input\"\r\n\r\n4.0\r\n--X--"))
      .input,
    4);
  // As `curl -d` sends JSON.
  EXPECT_EQ(read_body<square_in>(with_type(urlencoded, "{\"input\": 4}")).input,
            4);
  auto why = refusal<square_in>(urlencoded, "input=x");
  EXPECT_EQ(why.effective_status(), 422);
  EXPECT_EQ(why.detail, nlohmann::json::parse(
                          R"([{"loc": ["body", "input"], "type": "type_error",
                               "msg": "expected number, got string"}])"));
}

TEST(body, of_a_form_is_415_for_what_has_no_fields) {
  EXPECT_EQ(refusal<double>(urlencoded, "4").effective_status(), 415);
  EXPECT_EQ(refusal<std::vector<int>>(urlencoded, "a=4").effective_status(),
            415);
  EXPECT_EQ(refusal<std::string>(urlencoded, "a").effective_status(), 415);
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
