#include "troupe/models/option_reader.hpp"

#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

model_definition make_node(model_options options, const model_config& config) {
  expect_no_path(config, node_type);
  option_reader{config.options}.done();
  if (options.batch.max_size > 1)
    throw model_config_error("batch.max_size",
                             "batches of a model that is on nodes are closed "
                             "there; set it in the configs of the nodes");
  options.workers = 0;
  options.nodes.enabled = true;
  model_definition result;
  result.options = std::move(options);
  // Never called: there are no workers here.
  result.make = [](const worker_slot&) -> std::unique_ptr<model> {
    throw std::logic_error("a model of the type node has no workers here");
  };
  result.streaming = true;
  result.whole_answers = true;
  return result;
}

} // namespace

void add_node_model(model_registry& registry) {
  registry.add(node_type, make_node);
}

} // namespace troupe
