#pragma once

#include "troupe/http/admin/admin_spec.hpp"

namespace troupe {

/// Adds `GET /admin/models` and `GET|PATCH /admin/models/{name}`.
void add_model_endpoints(admin_spec& to);

/// Returns the model of that name.
/// @throws http_error 404
model_definition registered_model(const admin_hooks& hooks,
                                  std::string_view name);

} // namespace troupe
