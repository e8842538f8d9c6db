#include "troupe/http/server/own_system.hpp"

#include "troupe/actors/runtime/runtime.hpp"

namespace troupe {

own_system::own_system(
  const std::vector<std::pair<std::string, std::string>>& caf_options) {
  prepare(config_);
  for (const auto& [key, value] : caf_options)
    if (auto parsed = caf::config_value::parse(value))
      config_.set(caf::string_view{key.data(), key.size()}, std::move(*parsed));
  system_.emplace(config_);
}

} // namespace troupe
