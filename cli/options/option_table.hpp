#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// The parts that `option_table` is made of.
option server_section();
option model_entries();
option spec_entries();

} // namespace troupe
