#pragma once

#include "troupe/cli/options/option.hpp"

namespace troupe {

/// The options of `queue` in a model: its bound, and who is served before whom.
option queue_section();

} // namespace troupe
