#include "troupe/specs/openai/wire/catalog.hpp"
#include "troupe/specs/values/error.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using troupe::openai::catalog;

TEST(catalog, knows_a_model_by_each_of_its_names) {
  catalog x{"m", {"gpt-4o", "m", "org/name"}};
  EXPECT_EQ(x.names(), (std::vector<std::string>{"m", "gpt-4o", "org/name"}));
  EXPECT_EQ(x.resolve("gpt-4o"), "gpt-4o");
  EXPECT_EQ(x.resolve("m"), "m");
  EXPECT_EQ(x.resolve(""), "m");
  EXPECT_EQ(x.model(), "m");
}

TEST(catalog, refuses_other_names_and_lists_its_own) {
  catalog x{"m", {"a"}};
  try {
    (void)x.resolve("gpt");
    FAIL();
  } catch (const http_error& e) {
    EXPECT_EQ(e.why().status, 404);
    EXPECT_EQ(e.why().detail["code"], "model_not_found");
    EXPECT_EQ(e.why().detail["message"],
              "model: there is no model 'gpt' here; served are 'm', 'a'");
  }
}

TEST(catalog, may_take_every_name) {
  catalog x{"m", {"a"}, true};
  EXPECT_EQ(x.resolve("gpt"), "gpt");
  EXPECT_EQ(x.resolve(""), "m");
  EXPECT_EQ(x.names(), (std::vector<std::string>{"m", "a"}));
}

TEST(catalog, may_be_empty) {
  EXPECT_TRUE((catalog{"", {}}.names().empty()));
}
