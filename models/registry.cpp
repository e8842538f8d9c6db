#include "troupe/models/registry.hpp"

#include <utility>

namespace troupe {

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
