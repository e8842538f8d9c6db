#pragma once

#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/http/options.hpp"

#include <string>

namespace troupe {

/// Returns a warning for a server that listens beyond loopback without a key:
/// endpoints of this table that are meant for callers with the API key are open
/// to everybody who reaches the address. Endpoints declared open do not count.
/// @returns "" when there is nothing to say
std::string keyless_warning(const server_options& options,
                            const endpoint_table& table);

} // namespace troupe
