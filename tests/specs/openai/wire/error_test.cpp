#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/openai/wire/error.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;

namespace {

json rendered(const failure& why) {
  auto answer = openai::render_error(why);
  auto result = answer.body.json()->at("error");
  result["status"] = answer.status;
  return result;
}

json error(int status, const char* type, json param, json code,
           const char* message) {
  return {{"status", status},
          {"type", type},
          {"param", std::move(param)},
          {"code", std::move(code)},
          {"message", message}};
}

} // namespace

TEST(openai_error, has_a_type_and_a_code_for_every_failure) {
  const json none = nullptr;
  struct row {
    errc code;
    json expected;
  };
  const auto* invalid = "invalid_request_error";
  for (const auto& [code, expected] : std::vector<row>{
         {errc::bad_request, error(400, invalid, none, none, "Bad Request")},
         {errc::unauthorized, error(401, "authentication_error", none,
                                    "invalid_api_key", "Not authenticated")},
         {errc::forbidden,
          error(403, "permission_error", none, "forbidden", "Forbidden")},
         {errc::not_found,
          error(404, "not_found_error", none, "not_found", "Not Found")},
         {errc::method_not_allowed,
          error(405, invalid, none, "method_not_allowed",
                "Method Not Allowed")},
         {errc::request_timeout,
          error(408, invalid, none, "request_timeout", "Request Timeout")},
         {errc::payload_too_large,
          error(413, invalid, none, "payload_too_large", "Payload too large")},
         {errc::uri_too_long,
          error(414, invalid, none, "uri_too_long", "URI Too Long")},
         {errc::unsupported_media_type,
          error(415, invalid, none, "unsupported_media_type",
                "Unsupported Media Type")},
         {errc::expectation_failed,
          error(417, invalid, none, "expectation_failed",
                "Expectation Failed")},
         {errc::unprocessable,
          error(400, invalid, none, none, "Unprocessable Content")},
         {errc::too_many_requests,
          error(429, "rate_limit_error", none, "rate_limit_exceeded",
                "Too Many Requests")},
         {errc::header_too_large, error(431, invalid, none, "header_too_large",
                                        "Request Header Fields Too Large")},
         {errc::internal,
          error(500, "server_error", none, none, "Internal server error")},
         {errc::not_implemented, error(501, "server_error", none,
                                       "not_implemented", "Not Implemented")},
         {errc::worker_died, error(500, "server_error", none, "worker_died",
                                   "Worker died while processing the request")},
         {errc::overloaded, error(503, "unavailable_error", none, "overloaded",
                                  "Server is overloaded")},
         {errc::not_ready, error(503, "unavailable_error", none, "not_ready",
                                 "Model is not ready")},
         {errc::draining, error(503, "unavailable_error", none, "draining",
                                "Server is shutting down")},
         {errc::deadline_exceeded,
          error(504, "server_error", none, "deadline_exceeded",
                "Request timed out")},
         {errc::cancelled,
          error(499, invalid, none, "cancelled", "Request cancelled")}}) {
    EXPECT_EQ(rendered(make_failure(code)), expected) << to_string(code);
  }
}

TEST(openai_error, keeps_headers) {
  auto answer = openai::render_error(make_failure(errc::overloaded));
  EXPECT_EQ(answer.headers.find("Retry-After"), "1");
}

TEST(openai_error, asks_for_no_retry_of_what_took_too_long) {
  auto header = [](errc code) {
    auto answer = openai::render_error(make_failure(code));
    return std::string{answer.headers.find("x-should-retry").value_or("none")};
  };
  EXPECT_EQ(header(errc::deadline_exceeded), "false");
  EXPECT_EQ(header(errc::internal), "none");
  EXPECT_EQ(header(errc::overloaded), "none");
}

TEST(openai_error, has_the_code_for_a_prompt_that_is_too_long) {
  validation_error e{std::string{openai::context_length_exceeded}, "too long"};
  e.prepend("messages");
  EXPECT_EQ(rendered(e.to_failure()),
            error(400, "invalid_request_error", "messages",
                  "context_length_exceeded", "messages: too long"));
}

TEST(openai_error, names_the_field_of_a_validation_error) {
  validation_error e{"type_error", "expected string, got number"};
  e.prepend("text");
  e.prepend(1);
  e.prepend("content");
  e.prepend(0);
  e.prepend("messages");
  EXPECT_EQ(rendered(e.to_failure()),
            error(400, "invalid_request_error", "messages[0].content[1].text",
                  nullptr,
                  "messages[0].content[1].text: expected string, got number"));
}

TEST(openai_error, has_no_field_for_the_whole_body) {
  validation_error e{"type_error", "expected object, got array"};
  EXPECT_EQ(rendered(e.to_failure()),
            error(400, "invalid_request_error", nullptr, nullptr,
                  "expected object, got array"));
}

TEST(openai_error, takes_what_a_model_throws) {
  EXPECT_EQ(rendered(http_error{418, "tea"}.why()),
            error(418, "invalid_request_error", nullptr, nullptr, "tea"));
  EXPECT_EQ(
    rendered(http_error{429, "slowly"}.why()),
    error(429, "rate_limit_error", nullptr, "rate_limit_exceeded", "slowly"));
  EXPECT_EQ(rendered(http_error{501, {{"a", 1}}}.why()),
            error(501, "server_error", nullptr, nullptr, R"({"a":1})"));
  EXPECT_EQ(
    rendered(
      http_error{400, {{"message", "long"}, {"code", "too_long"}}}.why()),
    error(400, "invalid_request_error", nullptr, "too_long", "long"));
}

TEST(openai_error, survives_text_that_is_not_utf_8) {
  auto why = http_error{400, std::string{"\xff"}}.why();
  auto text = openai::render_error(why).body;
  EXPECT_NE(std::move(text).take_text().find("invalid_request_error"),
            std::string::npos);
}

TEST(openai_error, bad_request_names_its_field) {
  EXPECT_EQ(rendered(openai::bad_request("n", "too many").why()),
            error(400, "invalid_request_error", "n", nullptr, "n: too many"));
  EXPECT_EQ(rendered(openai::bad_request("", "bad").why()),
            error(400, "invalid_request_error", nullptr, nullptr, "bad"));
}

TEST(openai_error, model_not_found_is_what_clients_look_for) {
  EXPECT_EQ(rendered(openai::model_not_found("x", {"m"}).why()),
            error(404, "invalid_request_error", "model", "model_not_found",
                  "model: there is no model 'x' here; served are 'm'"));
}

TEST(openai_error, quotes_no_long_text) {
  EXPECT_EQ(openai::quote("a"), "'a'");
  EXPECT_EQ(openai::quote(std::string(1000, 'a')).size(), 64U + 5);
}
