#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

// What changes or refuses requests on their way; parts of `server`.

option cors_section();
option rate_limit_section();
option gzip_section();

} // namespace troupe
