#include "troupe/http/server/library_origin.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(library_origin, names_the_call_and_the_members) {
  entry_origin model;
  complete_model_origin(model, "digits");
  EXPECT_EQ(model.where, "server.add(\"digits\")");
  EXPECT_EQ(model.move, "model_options::predict = \"/other\"");
  EXPECT_NE(model.policy.find("conflict_policy::keep_first"),
            std::string::npos);
  entry_origin spec;
  complete_spec_origin(spec, "openai");
  EXPECT_EQ(spec.where, "server.add(openai)");
  EXPECT_EQ(spec.move, "spec::prefix = \"/other\"");
  EXPECT_EQ(route_origin("server.get(\"/a\")").where, "server.get(\"/a\")");
}

TEST(library_origin, keeps_what_is_known_better) {
  entry_origin x{"main.cpp:7"};
  complete_model_origin(x, "digits");
  EXPECT_EQ(x.where, "main.cpp:7");
  EXPECT_NE(x.move, "");
  entry_origin config{"c.json:1:2", "a", "b", "c"};
  complete_spec_origin(config, "openai");
  EXPECT_EQ(config.where + config.move + config.off + config.policy,
            "c.json:1:2abc");
}

} // namespace

} // namespace troupe
