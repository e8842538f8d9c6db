#pragma once

#include "troupe/cli/config/config.hpp"
#include "troupe/http/server.hpp"

#include <memory>

namespace troupe {

/// Makes a server of what a config says and adds its models, then its specs.
/// Binds nothing and loads nothing. `loaded_config::caf` is not used yet: the
/// server has no way to take it.
std::unique_ptr<server> make_server(loaded_config&& config);

} // namespace troupe
