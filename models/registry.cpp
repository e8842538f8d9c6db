#include "troupe/models/registry.hpp"

#include <system_error>
#include <utility>

namespace troupe {

std::filesystem::path model_file(const model_config& config) {
  if (config.path.empty())
    throw model_config_error("path", "a model of type " + config.type
                                       + " needs the path of its file, relative"
                                         " to the config file");
  auto result = (config.directory / config.path).lexically_normal();
  std::error_code ec;
  if (!std::filesystem::is_regular_file(result, ec))
    throw model_config_error("path", "there is no file " + result.string());
  return result;
}

void expect_cpu(const model_options& options, const std::string& type) {
  if (options.device != "cpu")
    throw model_config_error("device", "device \"" + options.device
                                         + "\" is not supported by type " + type
                                         + "; use \"cpu\" or leave it out");
}

void expect_no_path(const model_config& config, const std::string& type) {
  if (!config.path.empty())
    throw model_config_error("path", "a model of type " + type
                                       + " does not read a file; leave it out");
}

void model_registry::add(std::string type, model_factory factory) {
  factories_.insert_or_assign(std::move(type), std::move(factory));
}

const model_factory* model_registry::find(const std::string& type) const {
  auto i = factories_.find(type);
  return i != factories_.end() ? &i->second : nullptr;
}

std::vector<std::string> model_registry::types() const {
  std::vector<std::string> result;
  result.reserve(factories_.size());
  for (const auto& [type, factory] : factories_)
    result.push_back(type);
  return result;
}

} // namespace troupe
