#pragma once

#include <iosfwd>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

/// A Python file that was written for LitServe, and how to run it.
struct script {
  /// As the user gave it.
  std::string file = {};
  /// The interpreter; a name without `/` is looked for in PATH. "" takes that
  /// of the environment that is active (VIRTUAL_ENV), or python3.
  std::string python = {};
  /// What it finds in `sys.argv` after its name.
  std::vector<std::string> arguments = {};
};

/// What a script wants to be served.
struct script_plan {
  /// A config, as a user would write it into a file beside the script.
  std::string config = {};
  /// What has no effect, and why.
  std::vector<std::string> notices = {};
  /// Variables with keys that the config names.
  std::map<std::string, std::string> env = {};
};

/// The script does not get as far as `LitServer.run`, or asks for what cannot
/// be served; `what` says why, perhaps in several lines.
class script_error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Returns whether a config is a script instead.
[[nodiscard]] bool is_script(const std::string& file);

/// Runs a script until it says what it wants to be served; what it prints goes
/// to `out`.
/// @throws script_error
script_plan plan_of(const script& x, std::ostream& out);

} // namespace troupe
