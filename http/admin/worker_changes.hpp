#pragma once

#include "troupe/http/admin/admin_hooks.hpp"
#include "troupe/http/admin/admin_spec.hpp"
#include "troupe/specs/model/supervision_options.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace troupe {

/// Shows how many workers a model has: `4`, or `{"min": 1, "max": 8}`.
nlohmann::json show_workers(worker_range x);

/// Reads what `show_workers` shows.
/// @throws std::invalid_argument with what is expected
worker_range read_workers(const nlohmann::json& x);

/// The key `workers` of `PATCH /admin/models/{name}`.
admin_patch
workers_patch(std::function<void(const std::string&, worker_range)> apply);

/// Adds `POST /admin/models/{name}/revive`.
void add_revive_endpoint(admin_spec& to,
                         std::function<void(const std::string&)> revive);

} // namespace troupe
