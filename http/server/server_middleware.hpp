#pragma once

#include "troupe/http/around/middleware.hpp"
#include "troupe/http/options.hpp"

namespace troupe {

/// Returns a server's middleware, outermost first: CORS and the rate limit of
/// the options, then what the program added.
middleware_list make_middleware(const server_options& options,
                                const middleware_list& added);

} // namespace troupe
