#include "troupe/cli/make_server.hpp"

#include "troupe/cli/config/caf_values.hpp"

#include <utility>

namespace troupe {

std::unique_ptr<server> make_server(loaded_config&& config) {
  config.server.caf = caf_values(config.caf);
  auto result = std::make_unique<server>(std::move(config.server));
  for (auto& definition : config.models)
    result->add(std::move(definition));
  for (auto& entry : config.specs)
    result->add(std::move(entry.spec), std::move(entry.origin));
  return result;
}

} // namespace troupe
