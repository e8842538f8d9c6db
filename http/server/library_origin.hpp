#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"

#include <string>

namespace troupe {

// Where entries come from that C++ code registers, and how it changes them. An
// origin that says so itself, as those of a config do, stays as it is.

/// Completes the origin of a model's endpoint.
void complete_model_origin(entry_origin& x, const std::string& model);

/// Completes the origin of a spec's endpoints.
void complete_spec_origin(entry_origin& x, const std::string& spec);

/// Returns the origin of a custom route.
entry_origin route_origin(std::string where);

} // namespace troupe
