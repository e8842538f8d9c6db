#include "troupe/models/pipeline/pipeline_reader.hpp"
#include "troupe/models/registry.hpp"

#include <utility>

namespace troupe {

void add_pipeline_model(model_registry& registry) {
  registry.add(
    pipeline_type, [](model_options options, const model_config& config) {
      expect_no_path(config, pipeline_type);
      expect_cpu(options, pipeline_type);
      return make_pipeline(std::move(options), read_pipeline(config.options));
    });
}

} // namespace troupe
