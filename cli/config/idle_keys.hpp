#pragma once

#include "troupe/cli/config/config_reader.hpp"

namespace troupe {

/// Reports keys that would have no effect, because what they are about is
/// nowhere asked for or is switched off by another key: each with what to do.
/// What is switched off by its own switch (`"per_second": 0`) may keep the keys
/// beside it.
void report_idle_keys(const config_source& source, const config_draft& draft,
                      config_diagnostics& errors);

} // namespace troupe
