#pragma once

#include "troupe/cli/options/draft.hpp"

#include <string>
#include <vector>

namespace troupe {

/// Returns where a config says that only callers with the admin key may call:
/// the JSON pointer of each `access`. A model without a predict endpoint counts
/// only through the specs that hand requests to it.
std::vector<std::string> admin_entries(const config_draft& draft);

/// Returns whether anything in a config is for callers with the admin key.
bool needs_admin_key(const config_draft& draft);

} // namespace troupe
