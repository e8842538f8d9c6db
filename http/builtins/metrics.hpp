#pragma once

#include "troupe/http/builtins/builtins.hpp"

#include <string>

namespace troupe {

/// Makes the body of `/metrics`: the text format of Prometheus, version
/// 0.0.4. Safe from every thread.
std::string metrics_text(const front_shared& shared);

} // namespace troupe
