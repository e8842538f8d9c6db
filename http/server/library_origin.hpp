#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"

#include <string>

namespace troupe {

// The origin of entries that C++ code registers, and how to change them there.
// What an origin says already, as one of a config does, stays as it is.

/// Completes the origin of a model's endpoint.
void complete_model_origin(entry_origin& x, const std::string& model);

/// Completes the origin of a spec's endpoints.
void complete_spec_origin(entry_origin& x, const std::string& spec);

/// Returns the origin of a custom route.
entry_origin route_origin(std::string where);

} // namespace troupe
