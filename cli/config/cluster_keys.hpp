#pragma once

#include "troupe/cli/config/config_reader.hpp"
#include "troupe/cli/config/config_source.hpp"
#include "troupe/cli/options/draft.hpp"

#include <filesystem>
#include <string>

namespace troupe {

/// Finds the files that a config names in its own folder.
void find_tls_files(cluster_tls_options& x,
                    const std::filesystem::path& directory);

/// Reports keys about other machines that have no effect because of other keys.
void report_cluster_keys(const config_source& source, const config_draft& draft,
                         config_diagnostics& errors);

/// Completes a model of the type node, which has no workers here, and reports
/// keys that are for its nodes. Leaves others alone.
/// @param entry the place of the model
void read_node_entry(const config_source& source, config_draft::model_entry& x,
                     const std::string& entry, config_diagnostics& errors);

} // namespace troupe
