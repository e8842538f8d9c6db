#include "troupe/http/around/auth.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

server_options keyed() {
  server_options result;
  result.api_key = "secret";
  result.shutdown.endpoint_key = "admin-secret";
  return result;
}

request with(header_map headers) {
  request result;
  result.headers = std::move(headers);
  return result;
}

/// The detail of the refusal, or "" for leave.
std::string refusal(access who, const header_map& headers,
                    const server_options& options = keyed()) {
  auto why = check_access(who, with(headers), options);
  if (!why)
    return "";
  EXPECT_EQ(why->code, errc::unauthorized);
  EXPECT_EQ(why->effective_status(), 401);
  return why->effective_detail().get<std::string>();
}

TEST(check_access, lets_everybody_use_an_open_endpoint) {
  EXPECT_EQ(refusal(access::open, {}), "");
  EXPECT_EQ(refusal(access::open, {{"X-API-Key", "wrong"}}), "");
}

TEST(check_access, takes_the_key_in_either_field) {
  EXPECT_EQ(refusal(access::key, {{"X-API-Key", "secret"}}), "");
  EXPECT_EQ(refusal(access::key, {{"x-api-key", "secret"}}), "");
  for (auto* scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR "})
    EXPECT_EQ(
      refusal(access::key, {{"Authorization", std::string{scheme} + "secret"}}),
      "")
      << scheme;
}

TEST(check_access, refuses_a_wrong_key) {
  for (auto* key : {"Secret", "secre", "secrets", "secret ", "secretsecret"})
    EXPECT_EQ(refusal(access::key, {{"X-API-Key", key}}), "Invalid API Key")
      << key;
  EXPECT_EQ(refusal(access::key, {{"Authorization", "Bearer wrong"}}),
            "Invalid API Key");
}

TEST(check_access, needs_one_right_key_whatever_else_is_there) {
  for (auto* foreign : {"", "wrong", "secretsecret"}) {
    EXPECT_EQ(refusal(access::key, {{"X-API-Key", foreign},
                                    {"Authorization", "Bearer secret"}}),
              "")
      << foreign;
    EXPECT_EQ(
      refusal(access::key, {{"Authorization", std::string{"Bearer "} + foreign},
                            {"X-API-Key", "secret"}}),
      "")
      << foreign;
    EXPECT_EQ(
      refusal(access::key, {{"X-API-Key", foreign}, {"X-API-Key", "secret"}}),
      "")
      << foreign;
    EXPECT_EQ(refusal(access::key, {{"Authorization", "Basic eDp5"},
                                    {"Authorization", "Bearer  secret"},
                                    {"X-API-Key", foreign}}),
              "")
      << foreign;
  }
  EXPECT_EQ(refusal(access::key,
                    {{"X-API-Key", ""}, {"Authorization", "Bearer wrong"}}),
            "Invalid API Key");
}

TEST(check_access, refuses_a_request_without_a_key) {
  EXPECT_EQ(refusal(access::key, {}), "Not authenticated");
  for (auto* value : {"", "Bearer", "Bearer ", "secret", "Basic secret"})
    EXPECT_EQ(refusal(access::key, {{"Authorization", value}}),
              "Not authenticated")
      << value;
}

TEST(check_access, says_how_to_authenticate) {
  auto why = check_access(access::key, with({}), keyed());
  ASSERT_TRUE(why);
  EXPECT_EQ(why->headers.find("WWW-Authenticate"), "Bearer");
}

TEST(check_access, asks_for_no_key_when_none_is_configured) {
  server_options options;
  EXPECT_EQ(refusal(access::key, {}, options), "");
  EXPECT_EQ(refusal(access::key, {{"X-API-Key", "any"}}, options), "");
}

TEST(check_access, wants_the_admin_key_for_admin_endpoints) {
  EXPECT_EQ(refusal(access::admin, {{"X-API-Key", "admin-secret"}}), "");
  EXPECT_EQ(refusal(access::admin, {{"X-API-Key", "secret"}}),
            "Invalid API Key");
  EXPECT_EQ(refusal(access::admin, {}), "Not authenticated");
  EXPECT_EQ(refusal(access::key, {{"X-API-Key", "admin-secret"}}),
            "Invalid API Key");
}

TEST(check_access, lets_nobody_be_admin_without_an_admin_key) {
  server_options options;
  for (const auto& headers : {header_map{}, header_map{{"X-API-Key", ""}},
                              header_map{{"Authorization", "Bearer x"}}})
    EXPECT_NE(refusal(access::admin, headers, options), "");
}

TEST(equal_in_constant_time, compares) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_in_constant_time("ab", "abab"));
  EXPECT_FALSE(equal_in_constant_time("abab", "ab"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
  EXPECT_FALSE(equal_in_constant_time("a", ""));
  EXPECT_FALSE(equal_in_constant_time(std::string_view{"\0", 1}, ""));
}

} // namespace

} // namespace troupe
