#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

// What stands around requests; parts of the section `server`.

option cors_section();
option rate_limit_section();
option gzip_section();

} // namespace troupe
