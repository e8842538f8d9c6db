#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// How many workers a model has: a number, or an object with the least and the
/// most.
option workers_option();

/// What the death of a worker means for others.
option supervision_section();

/// When a model is unloaded.
option keep_alive_option();

/// When it is loaded first.
option load_option();

} // namespace troupe
