#pragma once

#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/http/options.hpp"

#include <string>

namespace troupe {

/// Returns what to warn of when a server listens as `options` say with this
/// table: that endpoints meant for those with the API key are open to everybody
/// who reaches the address, as there is no key. Nothing for a loopback address,
/// nor for endpoints declared open.
/// @returns "" when there is nothing to say
std::string keyless_warning(const server_options& options,
                            const endpoint_table& table);

} // namespace troupe
