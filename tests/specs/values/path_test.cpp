#include "troupe/specs/values/path.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

using namespace troupe;
using namespace std::literals;

namespace {

std::string normalised(std::string_view target,
                       encoded_slash policy = encoded_slash::reject) {
  auto result = normalise_target(target, policy);
  if (auto* path = std::get_if<std::string>(&result))
    return *path;
  EXPECT_EQ(std::get<failure>(result).code, errc::bad_request);
  return "refused";
}

} // namespace

TEST(path, is_taken_from_every_form_of_a_target) {
  EXPECT_EQ(normalised("/"), "/");
  EXPECT_EQ(normalised("/predict"), "/predict");
  EXPECT_EQ(normalised("/predict?a=%zz&b=/../"), "/predict");
  EXPECT_EQ(normalised("/?"), "/");
  EXPECT_EQ(normalised("*"), "*");
  EXPECT_EQ(normalised("http://host:80/a/b?c"), "/a/b");
  EXPECT_EQ(normalised("HTTPS://user@[::1]:80/%61"), "/a");
  EXPECT_EQ(normalised("http://host"), "/");
  EXPECT_EQ(normalised("http://host?q=/x"), "/");
  EXPECT_EQ(normalised("/http://host/x"), "/http://host/x");
}

TEST(path, is_refused_in_forms_that_no_server_takes) {
  for (auto target : {"", "?", "predict", "host:443", "*/", "**", "://host/a",
                      "http:///a", "http://?a", "1http://host/a", "/a b",
                      "/a\tb", "/a#b", "/a\x7F", "http://ho st/a"})
    EXPECT_EQ(normalised(target), "refused") << target;
  EXPECT_EQ(normalised("/a\0b"sv), "refused");
}

TEST(path, is_decoded_once) {
  EXPECT_EQ(normalised("/pr%65dict"), "/predict");
  EXPECT_EQ(normalised("/%7bx%7D"), "/{x}");
  EXPECT_EQ(normalised("/%2565"), "/%65");
  EXPECT_EQ(normalised("/%252F"), "/%2F");
  EXPECT_EQ(normalised("/%252e%252e/a"), "/%2e%2e/a");
  EXPECT_EQ(normalised("/a%3Fb%23c%20d"), "/a?b#c d");
  EXPECT_EQ(normalised("/a+b"), "/a+b");
}

TEST(path, with_a_bad_escape_is_refused) {
  for (auto target : {"/%", "/%4", "/a%", "/%zz", "/%4g", "/%%41", "/%/41",
                      "/a%2/b", "/%00", "/a%00b"})
    for (auto policy : {encoded_slash::reject, encoded_slash::segment})
      EXPECT_EQ(normalised(target, policy), "refused") << target;
}

TEST(path, keeps_bytes_above_ascii) {
  EXPECT_EQ(normalised("/caf\xC3\xA9"), "/caf\xC3\xA9");
  EXPECT_EQ(normalised("/caf%C3%A9"), "/caf\xC3\xA9");
  EXPECT_EQ(normalised("/%FF\xFE"), "/\xFF\xFE");
}

TEST(path, treats_an_encoded_slash_as_the_policy_says) {
  EXPECT_EQ(normalised("/a%2Fb"), "refused");
  EXPECT_EQ(normalised("/a%2fb"), "refused");
  EXPECT_EQ(normalised("/a?b=%2F"), "/a");
  EXPECT_EQ(normalised("/a%2Fb/c", encoded_slash::segment), "/a\0b/c"s);
  // Part of its segment, hence no dot segments.
  EXPECT_EQ(normalised("/a/..%2f..", encoded_slash::segment), "/a/..\0.."s);
}

TEST(path, is_found_in_a_target_as_it_came) {
  EXPECT_EQ(raw_path("/a%zz/b?c=/d"), "/a%zz/b");
  EXPECT_EQ(raw_path("http://host:1/a%00?x"), "/a%00");
  EXPECT_EQ(raw_path("http://host"), "/");
  EXPECT_EQ(raw_path("*"), "");
  EXPECT_EQ(raw_path("a/b"), "");
}

TEST(path, loses_its_dot_segments) {
  EXPECT_EQ(normalised("/a/./b"), "/a/b");
  EXPECT_EQ(normalised("/a/../b"), "/b");
  EXPECT_EQ(normalised("/a/b/."), "/a/b/");
  EXPECT_EQ(normalised("/a/b/.."), "/a/");
  EXPECT_EQ(normalised("/a/.."), "/");
  EXPECT_EQ(normalised("/."), "/");
  EXPECT_EQ(normalised("/a/%2e/%2E%2e/b"), "/b");
  EXPECT_EQ(normalised("/a/.%2e/b"), "/b");
  // The example of RFC 3986 section 5.2.4.
  EXPECT_EQ(normalised("/a/b/c/./../../g"), "/a/g");
  EXPECT_EQ(normalised("/.a/..b/.../c."), "/.a/..b/.../c.");
}

TEST(path, never_goes_above_the_root) {
  EXPECT_EQ(normalised("/.."), "/");
  EXPECT_EQ(normalised("/../../etc/passwd"), "/etc/passwd");
  EXPECT_EQ(normalised("/a/../../b"), "/b");
  EXPECT_EQ(normalised("http://host/../a"), "/a");
}

TEST(path, keeps_empty_segments) {
  EXPECT_EQ(normalised("//"), "//");
  EXPECT_EQ(normalised("/a//b"), "/a//b");
  EXPECT_EQ(normalised("/a//../b"), "/a/b");
  EXPECT_EQ(normalised("/a/"), "/a/");
}

TEST(path, is_normalised_if_and_only_if_normalising_changes_nothing) {
  constexpr std::string_view alphabet = "//..%%2eEfF?#a*: \x01\x7F\x80";
  std::mt19937 rng{20240601};
  std::uniform_int_distribution<std::size_t> pick{0, alphabet.size() - 1};
  std::uniform_int_distribution<int> length{0, 9};
  auto same = 0;
  for (auto i = 0; i < 100'000; ++i) {
    std::string path = i % 8 == 0 ? "" : "/";
    for (auto n = length(rng); n > 0; --n)
      path += alphabet[pick(rng)];
    auto result = normalise_target(path);
    auto* out = std::get_if<std::string>(&result);
    ASSERT_EQ(is_normalised(path), out != nullptr && *out == path) << path;
    same += is_normalised(path) ? 1 : 0;
    // What comes out has no dot segments, whatever went in.
    if (out) {
      auto closed = *out + '/';
      EXPECT_EQ(closed.find("/./"), std::string::npos) << path;
      EXPECT_EQ(closed.find("/../"), std::string::npos) << path;
      EXPECT_TRUE(out->starts_with('/') || *out == "*") << path;
    }
  }
  EXPECT_GT(same, 1000);
  EXPECT_TRUE(is_normalised("*"));
  EXPECT_FALSE(is_normalised("/a\0"sv));
}

TEST(percent_decode, leaves_malformed_escapes_as_they_are) {
  EXPECT_EQ(percent_decode("a%20b%2Fc"), "a b/c");
  EXPECT_EQ(percent_decode("%2541"), "%41");
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41%"), "%zzA%");
  EXPECT_EQ(percent_decode("%%41"), "%A");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
}

TEST(percent_encode, brings_a_path_back_in_shape_for_a_header) {
  EXPECT_EQ(percent_encode_path("/a-b._~/C9"), "/a-b._~/C9");
  EXPECT_EQ(percent_encode_path("/a b\r\n?#%"), "/a%20b%0D%0A%3F%23%25");
  EXPECT_EQ(percent_encode_path("/caf\xC3\xA9"), "/caf%C3%A9");
  EXPECT_EQ(percent_encode_path("/a\0b"sv), "/a%2Fb");
}
