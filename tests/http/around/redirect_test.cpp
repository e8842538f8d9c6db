#include "troupe/http/around/redirect.hpp"
#include "troupe/specs/values/path.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

std::string slashless(std::string_view target) {
  auto path =
    std::get<std::string>(normalise_target(target, encoded_slash::segment));
  return location_without_slash(target, path);
}

TEST(location_without_slash, is_relative_to_the_path_that_was_asked) {
  // RFC 9110 section 10.2.2: a proxy's prefix stays.
  EXPECT_EQ(slashless("/predict/"), "../predict");
  EXPECT_EQ(slashless("/a/b/c/"), "../c");
  EXPECT_EQ(slashless("/predict/?a=b%20c&d"), "../predict?a=b%20c&d");
  EXPECT_EQ(slashless("/predict/?a=/b/"), "../predict?a=/b/");
  EXPECT_EQ(slashless("/predict/?"), "../predict");
  EXPECT_EQ(slashless("/a//"), "../");
  EXPECT_EQ(slashless("//"), "../");
  EXPECT_EQ(slashless("//evil.example/"), "../evil.example");
  EXPECT_EQ(slashless("/a:b/"), "../a%3Ab");
  EXPECT_EQ(slashless("/pr%65dict/"), "../predict");
  EXPECT_EQ(slashless("/a%2Fb/"), "../a%2Fb");
  EXPECT_EQ(slashless("/%C3%A4%0D/"), "../%C3%A4%0D");
}

TEST(location_without_slash, is_whole_where_clients_see_other_segments) {
  EXPECT_EQ(slashless("/x/../predict/"), "/predict");
  EXPECT_EQ(slashless("/predict/x/.."), "/predict");
  EXPECT_EQ(slashless("/predict/%2e/"), "/predict");
  EXPECT_EQ(slashless("http://h/predict/?a"), "/predict?a");
  EXPECT_EQ(slashless("/x/..//evil.example/"), "/.//evil.example")
    << "never another host";
}

} // namespace

} // namespace troupe
