#include "troupe/specs/pipeline/pipeline.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

using nlohmann::json;

TEST(pipeline, names_its_models_once) {
  pipeline_steps body;
  body.call("b").call("a");
  pipeline_steps steps;
  steps.call("a").map(nullptr, body);
  auto made = make_pipeline({}, steps);
  EXPECT_EQ(made.pipeline->models(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(made.metadata["pipeline"], json::parse(R"(["a", "b"])"));
  EXPECT_EQ(made.pipeline->last_call(), nullptr);
}

TEST(pipeline, refuses_no_steps_and_names_that_are_taken) {
  EXPECT_THROW(make_pipeline({}, {}), std::invalid_argument);
  pipeline_steps twice;
  twice.call("a").named("x").call("b").named("x");
  EXPECT_THROW(make_pipeline({}, twice), std::invalid_argument);
  pipeline_steps nameless;
  nameless.call("");
  EXPECT_THROW(make_pipeline({}, nameless), std::invalid_argument);
  pipeline_steps body;
  body.call("a");
  pipeline_steps none;
  none.map(nullptr, body, 0);
  EXPECT_THROW(make_pipeline({}, none), std::invalid_argument);
}

TEST(pipeline, lets_ways_use_a_name_each) {
  pipeline_steps left;
  left.call("a").named("x");
  pipeline_steps right;
  right.call("b").named("x");
  pipeline_steps steps;
  steps.parallel({{"left", left}, {"right", right}});
  EXPECT_NO_THROW(make_pipeline({}, steps));
}

} // namespace troupe
