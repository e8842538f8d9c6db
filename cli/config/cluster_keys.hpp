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

/// Reports keys about other machines that have no effect because of what others
/// say.
void report_cluster_keys(const config_source& source, const config_draft& draft,
                         config_diagnostics& errors);

/// Reports keys of a model of the type node that are for its nodes.
/// @param entry the place of the model
void report_keys_of_nodes(const config_source& source, const std::string& entry,
                          config_diagnostics& errors);

} // namespace troupe
