#pragma once

#include "troupe/http/admin/admin_spec.hpp"

namespace troupe {

/// Adds `GET /admin`, the page for operators, and the files that it loads.
/// Everybody may have these: they hold no data, which `GET /admin/topology`
/// gives to callers with the admin key.
void add_page_endpoints(admin_spec& to);

/// Adds `GET /admin/topology`.
void add_topology_endpoint(admin_spec& to);

/// Adds `POST /admin/drain`, which ends the server as SIGTERM does.
void add_drain_endpoint(admin_spec& to);

} // namespace troupe
