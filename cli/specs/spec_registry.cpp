#include "troupe/cli/specs/spec_registry.hpp"

#include <utility>

namespace troupe {

void spec_registry::add(std::string type, spec_factory factory) {
  factories_.insert_or_assign(std::move(type), std::move(factory));
}

const spec_factory* spec_registry::find(const std::string& type) const {
  auto i = factories_.find(type);
  return i == factories_.end() ? nullptr : &i->second;
}

std::vector<std::string> spec_registry::types() const {
  std::vector<std::string> result;
  for (const auto& [type, factory] : factories_)
    result.push_back(type);
  return result;
}

} // namespace troupe
