#include "troupe/http/limits/usable_memory.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace troupe {

namespace {

namespace fs = std::filesystem;
using amount = std::optional<std::uint64_t>;

/// A file that holds one number; "max" is none.
amount number_in_file(const fs::path& file) {
  std::ifstream in{file};
  std::uint64_t result = 0;
  if (in >> result)
    return result;
  return std::nullopt;
}

/// `MemTotal` of /proc/meminfo, which is in KiB.
amount memory_of_machine(const fs::path& root) {
  std::ifstream in{root / "proc/meminfo"};
  for (std::string line; std::getline(in, line);) {
    std::istringstream parts{line};
    std::string key;
    std::uint64_t value = 0;
    if (parts >> key >> value && key == "MemTotal:")
      return value * 1024;
  }
  return std::nullopt;
}

/// Whether a list "a,b,c" has "memory".
bool names_memory(const std::string& list) {
  std::istringstream in{list};
  for (std::string x; std::getline(in, x, ',');)
    if (x == "memory")
      return true;
  return false;
}

void lower(amount& result, amount limit) {
  if (limit)
    result = std::min(*limit, result.value_or(*limit));
}

/// The limits of a group and of those around it. A container often sees its own
/// group as the root.
void lower_by_groups(amount& result, const fs::path& top, fs::path group,
                     const char* file) {
  for (;;) {
    lower(result, number_in_file(top / group / file));
    if (group.empty())
      return;
    group = group.has_parent_path() ? group.parent_path() : fs::path{};
  }
}

} // namespace

amount usable_memory(const fs::path& root) {
  auto result = memory_of_machine(root);
  // Lines ID:CONTROLLERS:PATH (cgroups(7)); version 2 names no controllers.
  std::ifstream in{root / "proc/self/cgroup"};
  for (std::string line; std::getline(in, line);) {
    auto first = line.find(':');
    auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
      continue;
    auto controllers = line.substr(first + 1, second - first - 1);
    auto group = fs::path{line.substr(second + 1)}.relative_path();
    if (controllers.empty())
      lower_by_groups(result, root / "sys/fs/cgroup", group, "memory.max");
    else if (names_memory(controllers))
      lower_by_groups(result, root / "sys/fs/cgroup/memory", group,
                      "memory.limit_in_bytes");
  }
  return result;
}

std::uint64_t default_memory_budget(const fs::path& root) {
  constexpr std::uint64_t unknown = 2UL * 1024 * 1024 * 1024;
  return usable_memory(root).value_or(unknown) / 2;
}

} // namespace troupe
