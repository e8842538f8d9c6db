#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/types.h>
#include <vector>

namespace troupe {

/// Returns the processes whose parent is this one, zombies left out.
inline std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> result;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ec)) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    std::ifstream in{entry.path() / "stat"};
    std::ostringstream text;
    text << in.rdbuf();
    // The name of the program may hold anything.
    const auto stat = text.str();
    const auto end = stat.rfind(')');
    if (end == std::string::npos)
      continue;
    std::istringstream rest{stat.substr(end + 1)};
    char state = 0;
    pid_t its_parent = 0;
    if (rest >> state >> its_parent && its_parent == parent && state != 'Z')
      result.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return result;
}

} // namespace troupe
