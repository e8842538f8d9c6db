#pragma once

#include "troupe/cli/config/config_reader.hpp"
#include "troupe/cli/config/config_source.hpp"
#include "troupe/http/options.hpp"

namespace troupe {

/// Completes what a config says of logs and traces: the access log's file is
/// looked for beside the config, and the environment says what the config does
/// not about the collector.
void complete_observing(server_options& options, const config_source& source,
                        config_diagnostics& errors);

} // namespace troupe
