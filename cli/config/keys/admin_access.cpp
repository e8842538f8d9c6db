#include "troupe/cli/config/keys/admin_access.hpp"

#include "troupe/cli/config/pointer.hpp"

#include <cstddef>

namespace troupe {

std::vector<std::string> admin_entries(const config_draft& draft) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < draft.models.size(); ++i) {
    const auto& x = draft.models[i].options;
    if (x.predict && x.access == access::admin)
      result.push_back(child(child("/models", i), "access"));
  }
  for (std::size_t i = 0; i < draft.specs.size(); ++i) {
    const auto& options = draft.specs[i].options;
    auto said = options.find("access");
    if (said != options.end() && *said == to_string(access::admin))
      result.push_back(child(child(child("/specs", i), "options"), "access"));
  }
  return result;
}

bool needs_admin_key(const config_draft& draft) {
  const auto& options = draft.server.options;
  return options.admin.enabled || options.shutdown.endpoint_enabled
         || !admin_entries(draft).empty();
}

} // namespace troupe
