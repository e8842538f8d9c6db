#pragma once

#include "troupe/cli/config/config.hpp"
#include "troupe/http/server.hpp"

#include <memory>

namespace troupe {

/// Makes a server of what a config says and adds its models, then its specs.
/// Binds nothing and loads nothing.
std::unique_ptr<server> make_server(loaded_config&& config);

} // namespace troupe
