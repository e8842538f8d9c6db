#include "troupe/actors/cache/cache_key.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

request body_of(std::string body, std::string_view type = "application/json") {
  request result;
  result.body = std::move(body);
  if (!type.empty())
    result.headers.add("Content-Type", type);
  return result;
}

std::string key_of(const request& x) {
  return cache_key(x, {});
}

} // namespace

TEST(cache_key, is_that_of_the_document) {
  const auto key = key_of(body_of(R"({"a": 1, "b": [true]})"));
  EXPECT_EQ(key.size(), 32U);
  EXPECT_EQ(key, key_of(body_of(R"({"b":[true],"a":1})")));
  EXPECT_EQ(key, key_of(body_of(R"({"b":[true],"a":1})", "")));
  EXPECT_NE(key, key_of(body_of(R"({"a": 1, "b": [false]})")));
  EXPECT_NE(key_of(body_of("1")), key_of(body_of("1.0")));
  EXPECT_NE(key_of(body_of("[1,2]")), key_of(body_of("[2,1]")));
}

TEST(cache_key, is_the_same_for_a_document_that_never_was_text) {
  request x;
  x.document = std::make_shared<const nlohmann::json>(nlohmann::json{{"a", 1}});
  EXPECT_EQ(key_of(x), key_of(body_of(R"({ "a": 1 })")));
}

TEST(cache_key, is_that_of_the_bytes_and_their_type_elsewhere) {
  const auto key = key_of(body_of("x", "image/png"));
  EXPECT_EQ(key, key_of(body_of("x", "image/png")));
  EXPECT_NE(key, key_of(body_of("x", "image/jpeg")));
  EXPECT_NE(key, key_of(body_of("y", "image/png")));
  EXPECT_NE(key_of(body_of("{a", "application/json")),
            key_of(body_of("{b", "application/json")));
}

TEST(cache_key, counts_query_parameters_and_named_headers) {
  auto x = body_of("{}");
  const auto key = cache_key(x, {"X-Tenant"});
  auto other = x;
  other.target = "/?a=1";
  EXPECT_NE(key, cache_key(other, {"X-Tenant"}));
  other = x;
  other.params.emplace_back("id", "1");
  EXPECT_NE(key, cache_key(other, {"X-Tenant"}));
  other = x;
  other.headers.add("x-tenant", "a");
  EXPECT_NE(key, cache_key(other, {"X-Tenant"}));
  other = x;
  other.headers.add("X-Other", "a");
  EXPECT_EQ(key, cache_key(other, {"X-Tenant"}));
}

} // namespace troupe
