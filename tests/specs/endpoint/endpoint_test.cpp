#include "troupe/specs/endpoint/endpoint.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(endpoint, needs_a_key_and_refuses_conflicts_unless_it_says_otherwise) {
  endpoint x;
  EXPECT_TRUE(x.methods.empty());
  EXPECT_EQ(x.access, access::key);
  EXPECT_EQ(x.on_conflict, conflict_policy::error);
  EXPECT_EQ(x.max_body_bytes, std::nullopt);
  EXPECT_EQ(x.timeout, std::nullopt);
}

TEST(endpoint, its_words_are_those_of_the_config_and_the_table) {
  EXPECT_EQ(to_string(access::open), "public");
  EXPECT_EQ(to_string(access::key), "key");
  EXPECT_EQ(to_string(access::admin), "admin");
  EXPECT_EQ(to_string(conflict_policy::error), "error");
  EXPECT_EQ(to_string(conflict_policy::keep_first), "keep-first");
  EXPECT_EQ(to_string(conflict_policy::override_earlier), "override");
  EXPECT_EQ(to_string(endpoint_kind::predict), "predict");
  EXPECT_EQ(to_string(endpoint_kind::spec), "spec");
  EXPECT_EQ(to_string(endpoint_kind::route), "route");
  EXPECT_EQ(to_string(endpoint_kind::builtin), "built-in");
}
