#include "troupe/models/registry.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace troupe {

namespace {

model_definition named(model_options options, const model_config&,
                       std::string name) {
  model_definition result;
  result.options = std::move(options);
  result.options.name = std::move(name);
  return result;
}

model_factory factory_of(std::string name) {
  return [name](model_options options, const model_config& config) {
    return named(std::move(options), config, name);
  };
}

TEST(model_registry, finds_nothing_when_it_is_empty) {
  model_registry registry;
  EXPECT_EQ(registry.find("square"), nullptr);
  EXPECT_TRUE(registry.types().empty());
}

TEST(model_registry, finds_what_was_added) {
  model_registry registry;
  registry.add("square", factory_of("made"));
  const auto* factory = registry.find("square");
  ASSERT_NE(factory, nullptr);
  EXPECT_EQ((*factory)({}, {}).options.name, "made");
  EXPECT_EQ(registry.find("Square"), nullptr);
}

TEST(model_registry, lists_its_types_in_order) {
  model_registry registry;
  registry.add("onnx", factory_of("a"));
  registry.add("echo", factory_of("b"));
  registry.add("square", factory_of("c"));
  EXPECT_EQ(registry.types(),
            (std::vector<std::string>{"echo", "onnx", "square"}));
}

TEST(model_registry, lets_a_later_factory_replace_an_earlier_one) {
  model_registry registry;
  registry.add("echo", factory_of("first"));
  registry.add("echo", factory_of("second"));
  EXPECT_EQ((*registry.find("echo"))({}, {}).options.name, "second");
  EXPECT_EQ(registry.types().size(), 1U);
}

TEST(model_registry, knows_onnx_whether_or_not_it_was_built) {
  model_registry registry;
  add_onnx_model(registry);
  const auto* factory = registry.find("onnx");
  ASSERT_NE(factory, nullptr);
  try {
    (*factory)({}, {});
    FAIL() << "expected model_config_error";
  } catch (const model_config_error& e) {
    std::string what{e.what()};
    if (e.where() == "type")
      EXPECT_NE(what.find("make onnxruntime"), std::string::npos);
    else
      EXPECT_EQ(e.where(), "path");
  }
}

} // namespace

} // namespace troupe
