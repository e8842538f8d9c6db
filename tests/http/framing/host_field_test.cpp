#include "troupe/http/framing/host_field.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

std::string parsed_host(std::string_view text) {
  auto x = parse_host(text);
  return x ? std::string{x->host} + '|' + std::string{x->port} : "none";
}

TEST(parse_host, takes_names_and_addresses_with_and_without_a_port) {
  EXPECT_EQ(parsed_host("a.example"), "a.example|");
  EXPECT_EQ(parsed_host("a:80"), "a|80");
  EXPECT_EQ(parsed_host("a:"), "a|");
  EXPECT_EQ(parsed_host("127.0.0.1:65535"), "127.0.0.1|65535");
  EXPECT_EQ(parsed_host("%41b!$&'()*+,;=~_"), "%41b!$&'()*+,;=~_|");
  for (auto* x : {"[::1]", "[::]", "[1::]", "[1:2:3:4:5:6:7:8]", "[1::8]",
                  "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", "[fe80::abCD]",
                  "[vF.a:b]"})
    EXPECT_EQ(parsed_host(x), std::string{x} + '|');
  EXPECT_EQ(parsed_host("[::1]:8"), "[::1]|8");
}

TEST(parse_host, refuses_everything_else) {
  for (auto* x : {"",
                  ":80",
                  "a:x",
                  "a:1:2",
                  "a:65536",
                  "a:99999999999999999999",
                  "a:+1",
                  "a: 1",
                  "%",
                  "%4",
                  "%zz",
                  "u@a",
                  "a/b",
                  "a b",
                  "\xc3\xa4",
                  "]][[",
                  "[",
                  "[]",
                  "[::1",
                  "[::1]x",
                  "[::1]:x",
                  "[:1]",
                  "[1:]",
                  "[:::]",
                  "[1::2::3]",
                  "[1:2:3:4:5:6:7]",
                  "[1:2:3:4:5:6:7:8:9]",
                  "[12345::]",
                  "[g::]",
                  "[::1.2.3]",
                  "[::1.2.3.256]",
                  "[::01.2.3.4]",
                  "[1.2.3.4]",
                  "[::1%25e]",
                  "[v.a]",
                  "[v1]",
                  "[v1.]",
                  "[x]"})
    EXPECT_EQ(parsed_host(x), "none") << x;
}

TEST(authority_of, is_there_in_an_absolute_form_only) {
  EXPECT_EQ(authority_of("http://a:1/b?c"), "a:1");
  EXPECT_EQ(authority_of("https://a?c"), "a");
  EXPECT_EQ(authority_of("http:///b"), "");
  for (auto* x : {"/", "*", "", "/a?b=http://c", "a/b://c", "://a", "null"})
    EXPECT_EQ(authority_of(x), std::nullopt) << x;
}

} // namespace

} // namespace troupe
