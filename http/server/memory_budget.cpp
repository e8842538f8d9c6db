#include "troupe/http/server/memory_budget.hpp"

#include "troupe/specs/system/memory.hpp"

namespace troupe {

std::uint64_t default_memory_budget(const std::filesystem::path& root) {
  constexpr std::uint64_t unknown = 2UL * 1024 * 1024 * 1024;
  return usable_memory(root).value_or(unknown) / 2;
}

} // namespace troupe
