#pragma once

#include "troupe/cli/config/config_reader.hpp"
#include "troupe/cli/config/config_source.hpp"
#include "troupe/cli/options/draft.hpp"

namespace troupe {

/// Reads the keys and secrets of a config from the variables that it names: the
/// API key, the admin key, the secret of a cluster. There is one admin key,
/// whether `server.admin` or `server.shutdown` names its variable; two
/// different ones are refused.
void resolve_keys(const config_source& source, config_draft& draft,
                  config_diagnostics& errors);

} // namespace troupe
