#pragma once

#include "troupe/http/builtins/front_shared.hpp"
#include "troupe/http/options.hpp"

namespace troupe {

/// Returns the options that hold after a change: `next`, with what cannot
/// change while the server runs as it is in `now`.
server_options merged_options(const server_options& now, server_options next);

/// Returns whether middlewares made of the options must be made again;
/// otherwise those that count requests go on counting.
bool changes_middleware(const server_options& now, const server_options& next);

} // namespace troupe
