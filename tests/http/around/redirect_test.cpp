#include "troupe/http/around/redirect.hpp"
#include "troupe/specs/values/path.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

std::string location(std::string_view target) {
  auto path =
    std::get<std::string>(normalise_target(target, encoded_slash::segment));
  return location_without_slash(target, path);
}

TEST(location_without_slash, is_relative_to_the_path_that_was_asked) {
  // RFC 9110 section 10.2.2: a proxy's prefix stays.
  EXPECT_EQ(location("/predict/"), "../predict");
  EXPECT_EQ(location("/a/b/c/"), "../c");
  EXPECT_EQ(location("/predict/?a=b%20c&d"), "../predict?a=b%20c&d");
  EXPECT_EQ(location("/predict/?a=/b/"), "../predict?a=/b/");
  EXPECT_EQ(location("/predict/?"), "../predict");
  EXPECT_EQ(location("/a//"), "../");
  EXPECT_EQ(location("//"), "../");
  EXPECT_EQ(location("//evil.example/"), "../evil.example");
  EXPECT_EQ(location("/a:b/"), "../a%3Ab");
  EXPECT_EQ(location("/pr%65dict/"), "../predict");
  EXPECT_EQ(location("/a%2Fb/"), "../a%2Fb");
  EXPECT_EQ(location("/%C3%A4%0D/"), "../%C3%A4%0D");
}

TEST(location_without_slash, is_whole_where_clients_see_other_segments) {
  EXPECT_EQ(location("/x/../predict/"), "/predict");
  EXPECT_EQ(location("/predict/x/.."), "/predict");
  EXPECT_EQ(location("/predict/%2e/"), "/predict");
  EXPECT_EQ(location("http://h/predict/?a"), "/predict?a");
  EXPECT_EQ(location("/x/..//evil.example/"), "/.//evil.example")
    << "never another host";
}

} // namespace

} // namespace troupe
