#include "troupe/specs/system/memory.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace troupe {

namespace {

namespace fs = std::filesystem;
using amount = std::optional<std::uint64_t>;

/// A number at the start of a text; "max" is not a number.
amount number_of(const std::string& text) {
  std::uint64_t result = 0;
  auto [end, ec] =
    std::from_chars(text.data(), text.data() + text.size(), result);
  if (ec != std::errc{})
    return std::nullopt;
  return result;
}

amount number_in(const fs::path& file) {
  std::ifstream in{file};
  std::string word;
  in >> word;
  return number_of(word);
}

/// Returns the number after a word, in a file with both on each line.
amount number_behind(const fs::path& file, std::string_view word) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    std::istringstream parts{line};
    std::string key;
    std::string value;
    if (parts >> key >> value && key == word)
      return number_of(value);
  }
  return std::nullopt;
}

/// A line of /proc/meminfo, in bytes.
amount of_machine(const fs::path& root, std::string_view key) {
  auto result = number_behind(root / "proc/meminfo", key);
  if (result)
    *result *= 1024;
  return result;
}

/// The files of a version of control groups.
struct group_files {
  const char* folder;
  const char* limit;
  const char* usage;
  /// Of `memory.stat`: files that the group has in memory.
  std::array<const char*, 2> cached;
};

constexpr group_files version1{"sys/fs/cgroup/memory",
                               "memory.limit_in_bytes",
                               "memory.usage_in_bytes",
                               {"total_active_file", "total_inactive_file"}};

constexpr group_files version2{"sys/fs/cgroup",
                               "memory.max",
                               "memory.current",
                               {"active_file", "inactive_file"}};

amount limit_of(const fs::path& group, const group_files& files) {
  return number_in(group / files.limit);
}

/// What a group's limit leaves; nothing when it has none.
amount left_of(const fs::path& group, const group_files& files) {
  auto limit = limit_of(group, files);
  auto usage = number_in(group / files.usage);
  if (!limit || !usage)
    return std::nullopt;
  for (const auto* key : files.cached)
    *usage -=
      std::min(*usage, number_behind(group / "memory.stat", key).value_or(0));
  return *limit - std::min(*limit, *usage);
}

/// Whether a list "a,b,c" has "memory".
bool names_memory(const std::string& list) {
  std::istringstream in{list};
  for (std::string x; std::getline(in, x, ',');)
    if (x == "memory")
      return true;
  return false;
}

using group_amount = amount (*)(const fs::path&, const group_files&);

/// The least of what the groups of this process, and those around them, say. A
/// container often sees its own group as the root, so one that is not there is
/// skipped.
amount least_of_groups(amount result, const fs::path& root, group_amount ask) {
  auto climb = [&](fs::path group, const group_files& files) {
    for (;;) {
      if (auto x = ask(root / files.folder / group, files))
        result = std::min(*x, result.value_or(*x));
      if (group.empty())
        return;
      group = group.has_parent_path() ? group.parent_path() : fs::path{};
    }
  };
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
      climb(group, version2);
    else if (names_memory(controllers))
      climb(group, version1);
  }
  return result;
}

} // namespace

amount usable_memory(const fs::path& root) {
  return least_of_groups(of_machine(root, "MemTotal:"), root, limit_of);
}

amount free_memory(const fs::path& root) {
  return least_of_groups(of_machine(root, "MemAvailable:"), root, left_of);
}

} // namespace troupe
