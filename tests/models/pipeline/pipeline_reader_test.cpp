#include "troupe/models/pipeline/pipeline_reader.hpp"
#include "troupe/models/registry.hpp"

#include <gtest/gtest.h>

namespace troupe {

using nlohmann::json;

namespace {

/// What is wrong with options, as `WHERE: WHAT`; "" for nothing.
std::string fault_of(std::string_view options) {
  try {
    read_pipeline(json::parse(options));
    return {};
  } catch (const model_config_error& e) {
    return e.where() + ": " + e.what();
  }
}

/// The same for one step.
std::string fault_of_step(const std::string& step) {
  return fault_of(R"({"steps": [{"model": "a"}, )" + step + "]}");
}

} // namespace

TEST(pipeline_reader, makes_steps_of_every_kind) {
  auto steps = read_pipeline(json::parse(R"({
    "steps": [
      {"name": "x", "model": "a", "input": "$input"},
      {"value": {"y": "$x"}},
      {"if": {"value": "$last/y", "equals": 1}, "then": [{"model": "b"}]},
      {"map": "$input", "at_once": 3, "steps": [{"value": "$item"}]},
      {"parallel": {"l": [{"model": "c"}], "r": [{"value": "$x"}]}}],
    "output": "$last"})"));
  ASSERT_EQ(steps.all().size(), 6U);
  EXPECT_EQ(steps.all()[0].name, "x");
  EXPECT_EQ(steps.all()[3].at_once, 3U);
  EXPECT_EQ(steps.all()[4].ways.size(), 2U);
  EXPECT_EQ(steps.all()[5].kind, step_kind::make);
}

TEST(pipeline_reader, says_where_a_mistake_is) {
  EXPECT_EQ(fault_of("{}"), "options: expected \"steps\": what the pipeline "
                            "does, e.g. [{\"model\": \"NAME\"}]");
  EXPECT_EQ(fault_of(R"({"steps": []})").substr(0, 14), "options.steps:");
  EXPECT_EQ(fault_of(R"({"step": []})"),
            "options.step: unknown option \"step\", did you mean \"steps\"?");
  EXPECT_EQ(fault_of_step(R"({"modell": "a"})").substr(0, 38),
            "options.steps.1: expected a step: an o");
  EXPECT_EQ(
    fault_of_step(R"({"model": "a", "map": "$last"})"),
    "options.steps.1.map: the step has \"model\" already; make two steps "
    "of it");
  EXPECT_EQ(fault_of_step(R"({"model": "a", "inputs": 1})"),
            "options.steps.1.inputs: unknown key \"inputs\", did you mean "
            "\"input\"?");
  EXPECT_EQ(fault_of_step(R"({"model": 5})"),
            "options.steps.1.model: expected the name of a model");
  EXPECT_EQ(
    fault_of_step(R"({"map": "$last", "steps": [{"model": "b",
                              "input": "$itme"}]})"),
    "options.steps.1.steps.0.input: unknown reference \"itme\", did you "
    "mean \"item\"?; a text that begins with $ is written with $$");
  EXPECT_EQ(fault_of_step(R"({"map": "$last", "at_once": 0,
                              "steps": [{"model": "b"}]})"),
            "options.steps.1.at_once: expected an integer from 1 to 1024");
  EXPECT_EQ(fault_of_step(R"({"value": "$item"})"),
            "options.steps.1.value: \"$item\" is for the steps of a \"map\"");
  EXPECT_EQ(
    fault_of(R"({"steps": [{"value": "$last"}]})"),
    "options.steps.0.value: \"$last\" is what the step before gave, and "
    "this is the first; use \"$input\" or \"$request\"");
}

TEST(pipeline_reader, keeps_names_apart) {
  EXPECT_EQ(fault_of_step(R"({"name": "input", "model": "a"})"),
            "options.steps.1.name: \"$input\" means something else; choose "
            "another name");
  EXPECT_EQ(fault_of_step(R"({"name": "a/b", "model": "a"})"),
            "options.steps.1.name: a name must not have / $ ~ . [ or ]");
  EXPECT_EQ(fault_of(R"({"steps": [{"name": "x", "model": "a"},
                                   {"name": "x", "model": "a"}]})"),
            "options.steps.1.name: another step is called \"x\"; names are "
            "unique");
  // A name of a way ends with it.
  EXPECT_NE(fault_of(R"({"steps": [
              {"map": "$input", "steps": [{"name": "x", "model": "a"}]},
              {"value": "$x"}]})"),
            "");
}

} // namespace troupe
