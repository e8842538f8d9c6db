#include "troupe/specs/values/method.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(method, survives_the_way_to_text_and_back) {
  for (auto m : {method::get, method::head, method::post, method::put,
                 method::patch, method::del, method::options})
    EXPECT_EQ(method_from(to_string(m)), m) << to_string(m);
  EXPECT_EQ(to_string(method::del), "DELETE");
}

TEST(method, is_case_sensitive) {
  EXPECT_EQ(method_from("get"), method::unknown);
  EXPECT_EQ(method_from("Post"), method::unknown);
}

TEST(method, other_tokens_are_unknown) {
  for (auto token : {"", "unknown", "TRACE", "GETS", "GE"})
    EXPECT_EQ(method_from(token), method::unknown) << token;
}

TEST(method_set, holds_what_was_added) {
  method_set ms{method::get, method::put};
  EXPECT_TRUE(ms.contains(method::get));
  EXPECT_TRUE(ms.contains(method::put));
  EXPECT_FALSE(ms.contains(method::post));
  ms.remove(method::get);
  EXPECT_FALSE(ms.contains(method::get));
  EXPECT_EQ(ms, method_set{method::put});
}

TEST(method_set, never_holds_unknown) {
  method_set ms{method::unknown};
  EXPECT_TRUE(ms.empty());
  EXPECT_FALSE(method_set::all().contains(method::unknown));
}

TEST(method_set, all_holds_every_known_method) {
  EXPECT_EQ(to_string(method_set::all()),
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

TEST(method_set, unites_intersects_and_overlaps) {
  method_set a{method::get, method::post};
  method_set b{method::post, method::put};
  EXPECT_TRUE(a.overlaps(b));
  EXPECT_FALSE(a.overlaps({method::put, method::patch}));
  EXPECT_FALSE(a.overlaps({}));
  auto united = a;
  united |= b;
  EXPECT_EQ(united, (method_set{method::get, method::post, method::put}));
  a &= b;
  EXPECT_EQ(a, method_set{method::post});
}

TEST(method_set, renders_in_the_order_of_the_enum) {
  EXPECT_EQ(to_string(method_set{}), "");
  EXPECT_EQ(to_string(method_set{method::options, method::head, method::get}),
            "GET, HEAD, OPTIONS");
}
