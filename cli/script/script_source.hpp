#pragma once

#include "troupe/cli/config/config_source.hpp"
#include "troupe/cli/script/script_plan.hpp"

#include <iosfwd>
#include <string>

namespace troupe {

/// Runs a script for its config, tells what has no effect, and sets the
/// variables with keys that the config names.
/// @param err for that, and for what the script prints
/// @throws script_error
script_plan make_plan(const script& x, std::ostream& err);

/// Reads a config file, or makes the config of a script. Errors of the latter
/// have the lines of `troupe plan`.
/// @throws script_error also for a config file with arguments or an interpreter
/// @throws config_error
config_source read_source(const script& x, std::ostream& err);

/// Returns the folder of the user that takes what the program unpacks.
/// @throws std::runtime_error when nothing says where it is
std::string cache_folder();

} // namespace troupe
