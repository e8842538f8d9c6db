#include "troupe/cli/bench/load/target.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

using troupe::load::target;

TEST(target, is_split_into_its_parts) {
  auto x = target::parse("http://example.org:8000/a/b?c=%20d");
  EXPECT_FALSE(x.tls);
  EXPECT_EQ(x.host, "example.org");
  EXPECT_EQ(x.port, "8000");
  EXPECT_EQ(x.authority, "example.org:8000");
  EXPECT_EQ(x.path, "/a/b?c=%20d");
}

TEST(target, has_the_port_of_its_scheme_and_a_path) {
  auto x = target::parse("https://example.org");
  EXPECT_TRUE(x.tls);
  EXPECT_EQ(x.port, "443");
  EXPECT_EQ(x.authority, "example.org");
  EXPECT_EQ(x.path, "/");
  EXPECT_EQ(target::parse("http://h").port, "80");
}

TEST(target, is_http_when_no_scheme_is_given) {
  auto x = target::parse("127.0.0.1:8000/predict");
  EXPECT_FALSE(x.tls);
  EXPECT_EQ(x.host, "127.0.0.1");
  EXPECT_EQ(x.path, "/predict");
}

TEST(target, takes_an_ipv6_address_in_brackets) {
  auto x = target::parse("http://[::1]:8000/");
  EXPECT_EQ(x.host, "::1");
  EXPECT_EQ(x.authority, "[::1]:8000");
}

TEST(target, keeps_the_places_of_a_template_in_path_and_query) {
  auto path = [](std::string_view url) {
    return target::parse(url, true).path;
  };
  EXPECT_EQ(path("http://h:1/x/{{n}}?a={{int 1 9}}#{{n}}"),
            "/x/{{n}}?a={{int 1 9}}");
  EXPECT_EQ(path("h?{{pick # ? /}}&b"), "/?{{pick # ? /}}&b");
  EXPECT_EQ(path("h:8000"), "/");
  EXPECT_EQ(path("http://h/a%20b"), "/a%20b");
  for (const auto* url :
       {"http://{{n}}/", "http://h:{{n}}/", "http://h/{{n}} b", "http://h/{n}"})
    EXPECT_THROW(target::parse(url, true), std::invalid_argument) << url;
  EXPECT_THROW(target::parse("http://h/{{n}}"), std::invalid_argument);
}

TEST(target, is_refused_with_an_example) {
  for (const auto* url : {"", "http://", "ftp://h/", "http://h:0/",
                          "http://h:65536/", "http://u:p@h/", "http://a b/"})
    try {
      target::parse(url);
      FAIL() << url;
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string{e.what()}.find("for example http://"),
                std::string::npos);
    }
}
