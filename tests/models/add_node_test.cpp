// The type node, whose workers are elsewhere.
#include "troupe/models/registry.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

namespace {

model_definition make_node_model(model_options options, model_config config) {
  model_registry registry;
  add_node_model(registry);
  config.type = node_type;
  const auto* make = registry.find(node_type);
  if (make == nullptr)
    throw std::logic_error("no such type");
  return (*make)(std::move(options), config);
}

/// Where the factory finds a mistake.
std::string refused_at(model_options options, model_config config) {
  try {
    static_cast<void>(make_node_model(std::move(options), std::move(config)));
    return "nowhere";
  } catch (const model_config_error& e) {
    return e.where();
  }
}

} // namespace

TEST(node_model, has_no_worker_here_and_lets_nodes_serve_it) {
  model_options options;
  options.name = "m";
  options.workers = 7;
  const auto x = make_node_model(options, {});
  EXPECT_EQ(x.options.workers, 0U);
  EXPECT_TRUE(x.options.nodes.enabled);
  EXPECT_EQ(x.options.validate(), "");
  EXPECT_TRUE(x.streaming) << "a node's model may stream";
  EXPECT_THROW(static_cast<void>(x.make({})), std::logic_error);
}

TEST(node_model, refuses_what_is_for_the_nodes) {
  model_config config;
  config.path = "m.onnx";
  EXPECT_EQ(refused_at({}, config), "path");
  config = {};
  config.options = {{"depth", 1}};
  EXPECT_EQ(refused_at({}, config), "options.depth");
  model_options options;
  options.batch.max_size = 2;
  EXPECT_EQ(refused_at(options, {}), "batch.max_size");
}

TEST(node_model, cannot_be_inline) {
  model_options options;
  options.name = "m";
  options.execution = execution_mode::inlined;
  const auto x = make_node_model(options, {});
  EXPECT_TRUE(x.options.validate().starts_with("nodes: "))
    << x.options.validate();
}

} // namespace troupe
