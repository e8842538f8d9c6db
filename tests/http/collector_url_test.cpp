#include "troupe/http/collector_url.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(collector_url_test, a_url_is_taken_apart) {
  auto x = std::get<collector_url>(
    parse_collector_url("http://otel.example:4318/v1/traces"));
  EXPECT_EQ(x.host, "otel.example");
  EXPECT_EQ(x.port, 4318);
  EXPECT_EQ(x.path, "/v1/traces");
  EXPECT_FALSE(x.tls);
  x = std::get<collector_url>(parse_collector_url("https://[::1]"));
  EXPECT_EQ(x.host, "::1");
  EXPECT_EQ(x.port, 443);
  EXPECT_EQ(x.path, "/");
  EXPECT_TRUE(x.tls);
}

TEST(collector_url_test, what_is_no_such_url_is_refused) {
  for (const auto* text :
       {"", "c:4318", "grpc://c", "http://", "http://:1", "http://a b",
        "http://a:0", "http://a:65536", "http://a:1x", "http://u@a",
        "http://a/?q", "http://[::1", "http://a\r\nX: y", "http://a/\r\n"})
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_collector_url(text)))
      << text;
}

} // namespace

} // namespace troupe
