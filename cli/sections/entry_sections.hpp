#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// `models` and `specs`: what is served.
option model_entries();
option spec_entries();

} // namespace troupe
