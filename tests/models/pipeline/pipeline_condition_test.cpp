#include "troupe/models/pipeline/pipeline_condition.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/tests/models/pipeline/pipeline_fixture.hpp"

#include <gtest/gtest.h>

namespace troupe {

using nlohmann::json;

namespace {

bool is_met(std::string_view condition) {
  request_source source{{{"n", 5}, {"text", "cat"}, {"none", nullptr}}};
  return make_condition(json::parse(condition), {},
                        "here")(pipeline_scope{source});
}

std::string fault_of_condition(std::string_view condition) {
  try {
    make_condition(json::parse(condition), {}, "here");
    return {};
  } catch (const model_config_error& e) {
    return e.where() + ": " + e.what();
  }
}

} // namespace

TEST(pipeline_condition, compares) {
  EXPECT_TRUE(is_met(R"({"value": "$input/text", "equals": "cat"})"));
  EXPECT_FALSE(is_met(R"({"value": "$input/text", "equals": "dog"})"));
  EXPECT_TRUE(is_met(R"({"value": "$input/text", "in": ["dog", "cat"]})"));
  EXPECT_TRUE(is_met(R"({"value": "$input/n", "above": 4.5})"));
  EXPECT_FALSE(is_met(R"({"value": "$input/n", "above": 5})"));
  EXPECT_TRUE(is_met(R"({"value": "$input/n", "at_least": 5})"));
  EXPECT_TRUE(is_met(R"({"value": "$input/n", "at_most": 5})"));
  EXPECT_FALSE(is_met(R"({"value": "$input/n", "below": 5})"));
}

TEST(pipeline_condition, takes_what_is_missing_for_no_match) {
  EXPECT_FALSE(is_met(R"({"value": "$input/other", "equals": null})"));
  EXPECT_TRUE(is_met(R"({"value": "$input/none", "equals": null})"));
  EXPECT_FALSE(is_met(R"({"value": "$input/text", "above": 1})"));
  EXPECT_TRUE(is_met(R"({"value": "$input/none", "exists": true})"));
  EXPECT_TRUE(is_met(R"({"value": "$input/other", "exists": false})"));
}

TEST(pipeline_condition, is_refused_when_it_says_too_little_or_too_much) {
  EXPECT_NE(fault_of_condition("5"), "");
  EXPECT_NE(fault_of_condition(R"({"equals": 1})"), "");
  EXPECT_NE(fault_of_condition(R"({"value": "$input"})"), "");
  EXPECT_EQ(fault_of_condition(R"({"value": "$input", "above": "1"})"),
            "here.above: expected a number, got string");
  EXPECT_EQ(
    fault_of_condition(R"({"value": "$input", "equal": 1})"),
    "here.equal: unknown condition \"equal\", did you mean \"equals\"?");
  EXPECT_EQ(
    fault_of_condition(R"({"value": "$input", "above": 1, "below": 2})"),
    "here.below: one condition is enough, and there is \"above\"; nest another "
    "\"if\" for more");
}

} // namespace troupe
