#include "troupe/cli/worker/run_worker.hpp"

#include "troupe/cli/worker/worker_recipe.hpp"
#include "troupe/models/plugin/load_plugin.hpp"
#include "troupe/models/process/worker_host.hpp"

#include <cstdio>
#include <ostream>
#include <stdexcept>

namespace troupe {

namespace {

model_definition make_hosted(model_registry models,
                             const worker::start_message& x) {
  if (auto plugin = x.settings.find(plugin_setting); plugin != x.settings.end())
    load_plugin(plugin->get<std::string>(), models);
  const auto* factory = models.find(x.model_type);
  if (factory == nullptr)
    throw std::runtime_error("this program has no model type " + x.model_type);
  model_options options;
  options.name = x.model;
  options.device = x.device;
  options.batch.max_size = x.batch_max_size;
  options.pure = x.pure;
  model_config config;
  config.type = x.model_type;
  config.path = x.path;
  config.directory = x.directory;
  config.options = x.options;
  return (*factory)(std::move(options), config);
}

} // namespace

int run_worker(const model_registry& models, std::ostream& err) {
  unique_fd connection;
  try {
    connection = inherited_connection();
  } catch (const std::exception& e) {
    err << e.what() << std::endl;
    return 2;
  }
  // What a model prints is a line of the server's log at once.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  frame_channel channel{std::move(connection)};
  return host_worker(channel, [&models](const worker::start_message& x) {
    return make_hosted(models, x);
  });
}

} // namespace troupe
