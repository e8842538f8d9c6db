#pragma once

#include "troupe/actors/status/status_board.hpp"
#include "troupe/http/builtins/metrics_writer.hpp"

namespace troupe {

/// Adds what is counted of each model, and of the requests that no model
/// answers: every series from the beginning.
void add_model_series(metrics_writer& out, const status_board& board);

} // namespace troupe
