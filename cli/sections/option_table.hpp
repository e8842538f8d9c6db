#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// The whole config as one section: parser, schema, help and docs follow it.
const option& option_table();

} // namespace troupe
