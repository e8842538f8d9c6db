#pragma once

#include "troupe/http/options.hpp"
#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/model/model_options.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <string>

namespace troupe {

// Endpoints for callers with the admin key, on a server that has none, are
// refused when they are registered: nobody could call them.

/// @param where it is registered, for the message
/// @throws std::invalid_argument
void require_admin_key(const server_options& options, const endpoint& x,
                       const std::string& where);

/// The same for a model's predict endpoint, if it has one.
void require_admin_key(const server_options& options, const model_options& x);

/// The same for each endpoint of a spec.
void require_admin_key(const server_options& options, const spec& x,
                       const entry_origin& origin);

} // namespace troupe
