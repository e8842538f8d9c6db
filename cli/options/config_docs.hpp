#pragma once

#include "troupe/cli/options/option.hpp"

#include <string>

namespace troupe {

/// Renders the table for `troupe serve --help`: every key with its type, its
/// default and one sentence.
std::string config_help(const option& table);

/// Renders the table as docs/configuration.md.
std::string config_markdown(const option& table);

} // namespace troupe
